#!/usr/bin/env bash
# Records what a real cluster of four nodes answers to the reads of a look: record.sh LAB-DIR FIRST-IP OUT-DIR
# The cluster is made by tests/integration/elasticsearch_lab.sh with the zones primary,spot. The scene: a closed index, a running
# relocation, a running snapshot, copies that have no node, an index with its own filters, an exclusion, a frozen node.
set -euo pipefail
LAB=$1 PREFIX=${2%.*} FIRST=${2##*.} OUT=$3
HERE=$(cd "$(dirname "$0")" && pwd)
URL=http://$2:9200
call() { curl -sS -m 30 -X "$1" -H 'Content-Type: application/json' "$URL$2" ${3:+-d "$3"}; echo; }
get() { curl -sS -m 30 "$URL$1"; }
mkdir -p "$OUT"
settings() { call PUT '/_cluster/settings?flat_settings=true' "$1" > /dev/null; }
make() { call PUT "/$1" "{\"settings\":$2}" > /dev/null; }
settings '{"persistent":{"cluster.routing.allocation.cluster_concurrent_rebalance":0,"indices.recovery.max_bytes_per_sec":"20kb",
  "cluster.routing.allocation.node_concurrent_recoveries":1,"cluster.metadata.holdfast.owner":"somebody"},
  "transient":{"cluster.routing.rebalance.enable":"all"}}'
make archive '{"number_of_shards":1,"number_of_replicas":1}'
call POST '/archive/_close' > /dev/null
make wide '{"number_of_shards":2,"number_of_replicas":4}'
make pinned '{"number_of_shards":1,"number_of_replicas":0,"auto_expand_replicas":"0-1","routing":{"allocation":{"include":{"zone":"primary"},
  "total_shards_per_node":2,"enable":"all"}},"blocks":{"write":true}}'
make moving '{"number_of_shards":1,"number_of_replicas":0,"routing":{"allocation":{"require":{"_name":"n2"}}}}'
make kept '{"number_of_shards":1,"number_of_replicas":0,"routing":{"allocation":{"require":{"_name":"n3"}}}}'
for index in moving kept; do
  python3 - <<'PY' > "$OUT/.bulk"
import base64, random
random.seed(1)
for n in range(400):
    print('{"index":{}}')
    print('{"text":"%s"}' % base64.b64encode(random.randbytes(2000)).decode())
PY
  curl -sS -m 60 -H 'Content-Type: application/x-ndjson' --data-binary "@$OUT/.bulk" "$URL/$index/_bulk?refresh=true" > /dev/null
done
rm "$OUT/.bulk"
call POST '/_flush' > /dev/null
call PUT '/_snapshot/keep' "{\"type\":\"fs\",\"settings\":{\"location\":\"$LAB/repository/keep\",\"max_snapshot_bytes_per_sec\":\"10kb\"}}" > /dev/null
call PUT '/_snapshot/keep/nightly?wait_for_completion=false' '{"indices":"kept"}' > /dev/null
call PUT '/moving/_settings' '{"index.routing.allocation.require._name":null}' > /dev/null
settings '{"persistent":{"cluster.routing.allocation.exclude._name":"n2"}}'
sleep 3
while IFS=$'\t' read -r name path; do get "$path" > "$OUT/$name.json"; done < "$HERE/requests.tsv"
call POST '/_cluster/allocation/explain' '{"index":"wide","shard":0,"primary":false}' > "$OUT/explain-unassigned.json"
call POST '/_cluster/allocation/explain' '{"index":"pinned","shard":0,"primary":true}' > "$OUT/explain-assigned.json"
call POST '/_cluster/allocation/explain' '{"index":"nosuch","shard":0,"primary":true}' > "$OUT/explain-missing.json"
# A node that stands still, and one that left.
"$HERE/../../../integration/elasticsearch_lab.sh" stop-node "$LAB" n4 TERM
sleep 1
# With a frozen master nothing answers.
frozen=n3
if [ "$(get '/_cat/master?h=node' | tr -d ' ')" = n3 ]; then frozen=n2; fi
kill -STOP "$(cat "$LAB/$frozen/pid")"
get "$(awk -F'\t' '$1 == "stats" {print $2}' "$HERE/requests.tsv")" > "$OUT/stats-frozen.json" || true
kill -CONT "$(cat "$LAB/$frozen/pid")"
get "$(awk -F'\t' '$1 == "state" {print $2}' "$HERE/requests.tsv")" > "$OUT/state-left.json"
