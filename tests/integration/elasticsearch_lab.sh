#!/usr/bin/env bash
# Small real Elasticsearch and OpenSearch clusters on loopback, one process a node, named n1, n2, …
#   elasticsearch_lab.sh fetch FLAVOR VERSION                       downloads and unpacks once; prints the folder
#   elasticsearch_lab.sh start DIR FLAVOR VERSION NODES FIRST-IP ZONES [OWNER-PID]
#   elasticsearch_lab.sh wait DIR STATUS SECONDS                    until that health with all nodes
#   elasticsearch_lab.sh stop-node DIR nK [SIGNAL]                  returns when the process is gone
#   elasticsearch_lab.sh start-node DIR nK
#   elasticsearch_lab.sh stop DIR                                   every node
# FLAVOR is opensearch or elasticsearch; node nK listens on FIRST-IP + K - 1, port 9200, in the zone whose turn it is of
# ZONES (a,b,…). With OWNER-PID everything is stopped when that process is gone. The environment may say:
#   HOLDFAST_ELASTICSEARCH_CACHE  where distributions are kept (build/elasticsearch-nodes)
#   HEAP (300m)   MASTERS (n1,n2,n3 or fewer)   EXTRA_YML (lines for every node's configuration)
#   PASSWORD: Elasticsearch with security in its distribution then speaks TLS only (DIR/tls/ca.crt signs) and knows two users
#   with that password: `operator` may do everything, `looker` may only look
# Processes run as nobody when we are root, because the servers refuse root. Each is stopped by its saved pid.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
CACHE=${HOLDFAST_ELASTICSEARCH_CACHE:-$ROOT/build/elasticsearch-nodes}
HEAP=${HEAP:-300m}
NOBODY=65534
fail() { echo "elasticsearch_lab: $*" >&2; exit 1; }
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }  # version, lowest
as_nobody() { if [ "$(id -u)" = 0 ]; then setpriv --reuid $NOBODY --regid $NOBODY --clear-groups "$@"; else "$@"; fi; }

fetch() {  # flavor version
  local flavor=$1 version=$2 group home=$CACHE/$1-$2
  if [ ! -e "$home/.whole" ]; then
    case $flavor in
      opensearch) group=org.opensearch ;;
      elasticsearch) group=org.elasticsearch ;;
      *) fail "no flavor $flavor" ;;
    esac
    local part=$CACHE/.part-$flavor-$version-$$
    rm -rf "$part" && mkdir -p "$part" "$CACHE/dl"
    if [ ! -s "$CACHE/dl/$flavor-$version.zip" ]; then
      command -v mvn > /dev/null || fail "$flavor $version is not in $CACHE, and there is no mvn to fetch it"
      MAVEN_OPTS=-Xmx300m mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
        "-Dartifact=$group.distribution.integ-test-zip:$flavor:$version:zip" "-DoutputDirectory=$part" \
        -Dmdep.useBaseVersion=true > "$part/mvn.log" 2>&1 || { tail -n 5 "$part/mvn.log" >&2; fail "Maven has no $flavor $version"; }
      mv "$part/$flavor-$version.zip" "$CACHE/dl/"
    fi
    python3 -m zipfile -e "$CACHE/dl/$flavor-$version.zip" "$part"
    chmod -R a+rX "$part" && chmod a+x "$part/$flavor-$version"/bin/*
    rm -rf "$home" && mv "$part/$flavor-$version" "$home" && touch "$home/.whole"
    rm -rf "$part"
  fi
  echo "$home"
}

java_home() { dirname "$(dirname "$(readlink -f "$(command -v java)")")"; }

# What each version calls the same things.
configuration() {  # dir number
  local dir=$1 k=$2 name=n$2 master=false seeds="" masters="" i
  . "$dir/cluster.env"
  local -a zones; IFS=, read -r -a zones <<< "$ZONES"
  case ",$MASTERS," in *",$name,"*) master=true ;; esac
  for i in $(seq "$NODES"); do seeds+="${seeds:+, }$PREFIX.$((FIRST + i - 1))"; done
  masters=${MASTERS//,/, }
  cat <<YML
cluster.name: $(basename "$dir")
node.name: $name
node.attr.zone: ${zones[$(((k - 1) % ${#zones[@]}))]}
network.host: $PREFIX.$((FIRST + k - 1))
http.port: 9200
path.data: $dir/$name/data
path.logs: $dir/$name/logs
path.repo: ["$dir/repository"]
cluster.routing.allocation.disk.threshold_enabled: false
YML
  if [ "$FLAVOR" = elasticsearch ] && ! at_least "$VERSION" 7.0; then
    echo "transport.tcp.port: 9300"
    echo "discovery.zen.ping.unicast.hosts: [$seeds]"
    echo "discovery.zen.minimum_master_nodes: $(($(tr , '\n' <<< "$MASTERS" | wc -l) / 2 + 1))"
  else
    echo "transport.port: 9300"
    echo "discovery.seed_hosts: [$seeds]"
    if [ "$FLAVOR" = opensearch ] && at_least "$VERSION" 2.0; then echo "cluster.initial_cluster_manager_nodes: [$masters]"
    else echo "cluster.initial_master_nodes: [$masters]"; fi
  fi
  local word=master
  if [ "$FLAVOR" = opensearch ] && at_least "$VERSION" 2.0; then word=cluster_manager; fi
  if [ "$FLAVOR" = elasticsearch ] && ! at_least "$VERSION" 7.9; then echo "node.master: $master"
  elif [ $master = true ]; then echo "node.roles: [$word, data]"
  else echo "node.roles: [data]"; fi
  if [ -n "$PASSWORD" ]; then
    local files="key: node.key, certificate: node.crt, certificate_authorities: [ca.crt]"
    echo "xpack.security.enabled: true"
    echo "xpack.security.transport.ssl: {enabled: true, verification_mode: certificate, $files}"
    echo "xpack.security.http.ssl: {enabled: true, $files}"
  elif [ -d "$HOME_DIR/modules/x-pack-security" ]; then echo "xpack.security.enabled: false"; fi
  if [ -n "$EXTRA" ]; then printf '%b\n' "$EXTRA"; fi
}

# Small heaps, the cheap collector, and nothing written below the shared home.
java_options() {  # file
  local options=$1
  sed -i -E '/^[0-9:-]*-X(log|ms|mx)|ErrorFile|HeapDump|UseG1GC|G1Reserve|InitiatingHeap|PrintGC|loggc|GCLog|CMS/d' "$options"
  if [ -d "$(dirname "$options")/jvm.options.d" ]; then options=$(dirname "$options")/jvm.options.d/lab.options; fi
  printf -- '-Xms%s\n-Xmx%s\n-XX:+UseSerialGC\n-XX:-AlwaysPreTouch\n-XX:TieredStopAtLevel=1\n' "$HEAP" "$HEAP" >> "$options"
}

# One authority, and one certificate with the addresses of all nodes.
certificates() {  # dir
  local tls=$1/tls k names=""
  . "$1/cluster.env"
  mkdir -p "$tls"
  for k in $(seq "$NODES"); do names+="${names:+,}IP:$PREFIX.$((FIRST + k - 1))"; done
  { openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=lab authority" -keyout "$tls/ca.key" -out "$tls/ca.crt"
    openssl req -newkey rsa:2048 -nodes -subj "/CN=lab node" -keyout "$tls/node.key" -out "$tls/node.csr"
    openssl x509 -req -in "$tls/node.csr" -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -CAcreateserial -days 2 \
      -extfile <(echo "subjectAltName=$names") -out "$tls/node.crt"; } > "$tls/log" 2>&1 || { tail -n 5 "$tls/log" >&2; fail "no certificates"; }
  chmod a+r "$tls"/*
}

# Where the first node has them, all have them.
users() {  # dir
  local dir=$1 user role
  . "$dir/cluster.env"
  for user in operator:superuser looker:monitoring_user; do
    role=${user#*:}
    as_nobody env -i PATH=/usr/bin:/bin "HOME=$dir/n1" "ES_JAVA_HOME=$JAVA" "JAVA_HOME=$JAVA" "ES_PATH_CONF=$dir/n1/conf" "ES_TMPDIR=$dir/n1/tmp" \
      "$HOME_DIR/bin/elasticsearch-users" useradd "${user%:*}" -p "$PASSWORD" -r "$role" >> "$dir/tls/log" 2>&1 \
      || { tail -n 5 "$dir/tls/log" >&2; fail "no users"; }
  done
}

start_node() {  # dir node
  local dir=$1 node=$2 prefix=ES _
  . "$dir/cluster.env"
  if [ -s "$dir/$node/pid" ] && kill -0 "$(cat "$dir/$node/pid")" 2> /dev/null; then fail "$node runs already"; fi
  rm -f "$dir/$node/pid"
  [ "$FLAVOR" = opensearch ] && prefix=OPENSEARCH
  (cd "$dir/$node" && as_nobody env -i PATH=/usr/bin:/bin "HOME=$dir/$node" "${prefix}_JAVA_HOME=$JAVA" "JAVA_HOME=$JAVA" \
    "${prefix}_PATH_CONF=$dir/$node/conf" "${prefix}_TMPDIR=$dir/$node/tmp" "$HOME_DIR/bin/$FLAVOR" -d -p "$dir/$node/pid" \
    > "$dir/$node/out.log" 2>&1 < /dev/null) || { tail -n 20 "$dir/$node/out.log" >&2; fail "$node does not start"; }
  for _ in $(seq 150); do
    if [ -s "$dir/$node/pid" ]; then cp "$dir/$node/pid" "$dir/$node/started"; return 0; fi  # a node that ends takes its pid file along
    sleep 0.2
  done
  fail "$node: no pid file"
}

is_ours() { grep -qa "$1/" "/proc/$2/cmdline" 2> /dev/null || grep -qa "$1/" "/proc/$2/environ" 2> /dev/null; }  # folder pid

stop_node() {  # dir node signal
  local file=$1/$2/pid pid i
  rm -f "$1/$2/started"
  [ -s "$file" ] || return 0
  pid=$(cat "$file")
  if is_ours "$1/$2" "$pid"; then
    kill -CONT "$pid" 2> /dev/null || true
    kill "-${3:-TERM}" "$pid" 2> /dev/null || true
    for i in $(seq 300); do
      kill -0 "$pid" 2> /dev/null || break
      if [ "$i" = 250 ]; then kill -KILL "$pid"; fi
      sleep 0.1
    done
  fi
  rm -f "$file"
}

stop_all() {  # dir signal
  local node
  for node in "$1"/n[0-9]*; do stop_node "$1" "$(basename "$node")" "${2:-TERM}" & done
  wait
}

why_ended() {  # node's folder
  { grep -hE -A 2 'xception' "$1/out.log" || tail -n 5 "$1/out.log"; } | head -n 5
}

wait_for() {  # dir status seconds
  local end=$((SECONDS + $3)) said="" node
  . "$1/cluster.env"
  while [ $SECONDS -lt $end ]; do
    said=$(python3 - "$PREFIX" "$FIRST" "$NODES" "$2" "${PASSWORD:+$1/tls/ca.crt}" "$PASSWORD" <<'PY'
import base64, json, ssl, sys, urllib.request
prefix, first, nodes, wanted, authority, password = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:]
trust = ssl.create_default_context(cafile=authority) if authority else None
headers = {"Authorization": "Basic " + base64.b64encode(f"operator:{password}".encode()).decode()} if password else {}
ranks = ["red", "yellow", "green"]
for k in range(nodes):
    try:
        url = f"http{'s' if trust else ''}://{prefix}.{first + k}:9200/_cluster/health"
        health = json.load(urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5, context=trust))
    except Exception as error:
        print(error)
        continue
    good = health["number_of_nodes"] == nodes and ranks.index(health["status"]) >= ranks.index(wanted)
    print("yes" if good else health)
    break
PY
    )
    if [ "$(tail -n 1 <<< "$said")" = yes ]; then return 0; fi
    for node in "$1"/n[0-9]*; do
      if [ -s "$node/started" ] && ! kill -0 "$(cat "$node/started")" 2> /dev/null; then fail "$(basename "$node") has ended: $(why_ended "$node")"; fi
    done
    sleep 0.5
  done
  fail "not $2 within $3 s: $said"
}

start() {  # dir flavor version nodes first-ip zones owner
  local dir=$1 home k node
  [ ! -e "$dir/cluster.env" ] || fail "$dir has a cluster already"
  home=$(fetch "$2" "$3")
  mkdir -p "$dir/repository"
  local first=${5##*.} masters=${MASTERS:-}
  for k in $(seq $(($4 < 3 ? $4 : 3))); do [ -n "${MASTERS:-}" ] || masters+="${masters:+,}n$k"; done
  printf '%s=%q\n' FLAVOR "$2" VERSION "$3" NODES "$4" PREFIX "${5%.*}" FIRST "$first" ZONES "$6" MASTERS "$masters" \
    HOME_DIR "$home" JAVA "$(java_home)" EXTRA "${EXTRA_YML:-}" PASSWORD "${PASSWORD:-}" > "$dir/cluster.env"
  if [ -n "${PASSWORD:-}" ]; then
    [ -d "$home/modules/x-pack-security" ] || fail "$2 $3 has no security in its distribution"
    certificates "$dir"
  fi
  for k in $(seq "$4"); do
    node=$dir/n$k
    mkdir -p "$node"/{data,logs,tmp,conf}
    cp -r "$home/config/." "$node/conf/"
    if [ "$2" = opensearch ] || at_least "$3" 7.7; then mkdir -p "$node/conf/jvm.options.d"; fi
    java_options "$node/conf/jvm.options"
    configuration "$dir" "$k" > "$node/conf/$2.yml"
    if [ -n "${PASSWORD:-}" ]; then cp "$dir"/tls/{ca.crt,node.crt,node.key} "$node/conf/"; fi
    [ "$(id -u)" != 0 ] || chown -R $NOBODY:$NOBODY "$node" "$dir/repository"
  done
  if [ -n "${PASSWORD:-}" ]; then
    users "$dir"
    for k in $(seq 2 "$4"); do cp -p "$dir"/n1/conf/{users,users_roles} "$dir/n$k/conf/"; done
  fi
  if [ -n "${7:-}" ]; then
    setsid bash -c 'while kill -0 "$1" 2> /dev/null && [ -e "$2/cluster.env" ]; do sleep 1; done; exec "$0" stop "$2" KILL' \
      "$ROOT/tests/integration/elasticsearch_lab.sh" "$7" "$dir" > /dev/null 2>&1 < /dev/null &
  fi
  for k in $(seq "$4"); do start_node "$dir" "n$k" & done
  wait_for "$dir" green 240
}

[ $# -ge 2 ] || { sed -n '2,16p' "$0"; exit 64; }
command=$1; shift
case $command in
  fetch) fetch "$@" ;;
  start) start "$@" ;;
  start-node) start_node "$@" ;;
  stop-node) stop_node "$@" ;;
  stop) stop_all "$@" ;;
  wait) wait_for "$@" ;;
  *) fail "no command $command" ;;
esac
