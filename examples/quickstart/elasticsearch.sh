#!/usr/bin/env bash
# Three real OpenSearch nodes with data, kept by holdfast: asked the impossible, one node emptied, all restarted.
# ./quickstart --es runs it; it stops everything in the end and leaves nothing behind. Exit code 0 only when each part
# went as it should.
set -euo pipefail
HERE=$(cd "$(dirname "$0")/../.." && pwd)
BIN=$HERE/build/release/holdfast
LAB=$HERE/tests/integration/elasticsearch_lab.sh
D=/tmp/holdfast-quickstart-es
C=$D/cluster
NODES=3 FIRST=127.0.82.11
export HOLDFAST_SPECS=$D/specs HOLDFAST_STATE=$D/state HOLDFAST_SOCKET=$D/holdfast.sock
DOCUMENTS=500

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'quickstart: %s\n' "$*" >&2; exit 1; }
stop_holdfast() { if [ -s "$D/holdfast.pid" ]; then kill "-${1:-TERM}" "$(cat "$D/holdfast.pid")" 2> /dev/null || true; rm -f "$D/holdfast.pid"; fi; }
clean_up() {
  stop_holdfast
  if [ -d "$C" ]; then "$LAB" stop "$C" KILL > /dev/null 2>&1 || true; fi
  rm -rf "$D"
}

ask() {  # path; whichever node answers
  local k
  for k in $(seq $NODES); do curl -sf -m 10 "http://127.0.82.$((10 + k)):9200$1" && return 0; done
  return 1
}
put() { curl -sf -m 30 -X "${3:-PUT}" -H 'Content-Type: application/json' "http://$FIRST:9200$1" --data-binary "$2" > /dev/null || fail "PUT $1 was refused"; }
settings() { ask '/_cluster/settings?flat_settings=true' || true; }
copies_on() { ask '/_cat/shards?h=node' | grep -c "^$1" || true; }
documents() { ask /web/_count | sed 's/.*"count":\([0-9]*\).*/\1/'; }
wait_until() {  # seconds, sentence, command …
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@"; do
    [ $SECONDS -lt $end ] || { "$BIN" why ElasticsearchCluster/demo || true; fail "in time it did not happen that $what"; }
    sleep 1
  done
}

spec() {  # what stands below `spec:` besides endpoints and control
  cat > "$D/specs/.demo.new" <<Y
apiVersion: holdfast/v1
kind: ElasticsearchCluster
metadata: {name: demo}
policy: {mode: act, interval: 2s}
spec:
  endpoints: ["http://127.0.82.11:9200", "http://127.0.82.12:9200", "http://127.0.82.13:9200"]
  maxExcluded: 60%
  disruption: {control: {command: {stop: [$LAB, stop-node, $C, "{name}"], start: [$LAB, start-node, $C, "{name}"]}}}
$1
Y
  mv "$D/specs/.demo.new" "$D/specs/demo.yaml"
}
start_holdfast() {
  ( setsid "$BIN" run --specs "$D/specs" --state "$D/state" --listen 127.0.0.1:7651 --socket "$D/holdfast.sock" \
      >> "$D/holdfast.log" 2>&1 < /dev/null & echo $! > "$D/holdfast.pid" )
  for _ in $(seq 100); do [ -S "$D/holdfast.sock" ] && break; sleep 0.1; done
  "$BIN" wait ElasticsearchCluster/demo --for condition=Ready --timeout 60s > /dev/null
}
why_says() { "$BIN" why ElasticsearchCluster/demo | grep -q "$1"; }
is_empty() { [ "$(copies_on "$1")" = 0 ]; }
settings_are() { [ "$(settings)" = "$1" ]; }
node_is_away() { settings | grep -q 'allocation.enable":"primaries"'; }
is_bounced() { "$BIN" status Operation/bounce 2> /dev/null | grep -q Succeeded; }
pids() { local k; for k in $(seq $NODES); do printf '%s ' "$(cat "$C/n$k/pid" 2> /dev/null || true)"; done; }

[ -x "$BIN" ] || fail "$BIN is not there"
clean_up
trap clean_up EXIT
mkdir -p -m 0755 "$D" "$D/specs"

say "Starting three OpenSearch nodes (the distribution is fetched from Maven Central once)"
"$LAB" start "$C" opensearch 2.19.4 $NODES $FIRST a,b,c $$ > "$D/start.log" 2>&1 || { tail -n 5 "$D/start.log" >&2; fail "the nodes did not start"; }
put /web '{"settings":{"number_of_shards":2,"number_of_replicas":1}}'
put /wide '{"settings":{"number_of_shards":1,"number_of_replicas":2}}'
put '/_bulk?refresh=true' "$(for i in $(seq $DOCUMENTS); do printf '{"index":{"_index":"web"}}\n{"n":%s}\n' "$i"; done)
" POST
"$LAB" wait "$C" green 60 > /dev/null
BEFORE=$(settings)

say "1. The impossible: empty n3, while the index \`wide\` needs all three nodes"
spec '  exclude: [{name: n3, reason: "a new disk"}]'
start_holdfast
wait_until 60 "the index in the way was named" why_says wide
"$BIN" why ElasticsearchCluster/demo
settings_are "$BEFORE" || fail "something was written although the drain cannot end"

say "2. One replica less, and it goes on by itself"
put /wide/_settings '{"index":{"number_of_replicas":1}}'
wait_until 120 "n3 was empty" is_empty n3
"$BIN" history ElasticsearchCluster/demo | tail -n 3
spec '  exclude: []'
wait_until 60 "the exclusion was taken away again" settings_are "$BEFORE"

say "3. All nodes restarted, one by one; in the middle the controller is killed and its state directory deleted"
PIDS=$(pids)
cat > "$D/specs/bounce.yaml" <<Y
apiVersion: holdfast/v1
kind: Operation
metadata: {name: bounce, annotations: {reason: "to see it go"}}
spec:
  target: ElasticsearchCluster/demo
  rollingRestart: {nodes: {name: "n*"}, startedBefore: $(date -u +%FT%TZ)}
Y
wait_until 180 "a node was away" node_is_away
stop_holdfast KILL
rm -rf "$D/state"
echo "killed, and nothing of its memory is left; what is put aside stands in the cluster:"
settings | tr ',' '\n' | grep -o 'cluster.metadata.holdfast.lease[^"]*' || true
start_holdfast
wait_until 480 "every node was restarted" is_bounced
[ "$(pids | wc -w)" = $NODES ] || fail "not all nodes run"
for pid in $PIDS; do case " $(pids) " in *" $pid "*) fail "a node was not restarted" ;; esac; done
"$LAB" wait "$C" green 60 > /dev/null
[ "$(documents)" = $DOCUMENTS ] || fail "of $DOCUMENTS documents $(documents) are left"
wait_until 60 "all settings were as before" settings_are "$BEFORE"
"$BIN" history ElasticsearchCluster/demo | tail -n 12
say "All three went as they should: $DOCUMENTS documents, green, settings as before"
