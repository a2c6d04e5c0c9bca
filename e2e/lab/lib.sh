# shellcheck shell=bash disable=SC2034
# What the lab's scripts share. Sourced, never run.
LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
STATE=${DRYDOCK_LAB_DIR:-/var/lib/drydock-lab}
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/drydock
BIN=$CACHE/bin
PATH=$BIN:$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/go/bin
BRIDGE=cni0
GATEWAY=10.244.0.1
HOSTS=(ethbig eth2-claw offchain)
declare -A ADDRESS=([ethbig]=10.244.0.201 [eth2-claw]=10.244.0.202 [offchain]=10.244.0.203)
declare -A LOGIN=([ethbig]=openclaw [eth2-claw]=abhishek [offchain]=ops)
S3_ACCESS_KEY=drydock-lab
S3_SECRET_KEY=drydock-lab-secret
SOCKET=$STATE/containerd.sock
export LAB STATE CACHE BIN PATH LC_ALL=C

say() { echo "lab: $*"; }
die() { echo "lab: $*" >&2; exit 1; }

known_host() { # known_host NAME
  [ -n "${ADDRESS[${1:-none}]:-}" ] || die "no such host: '${1:-}': say one of ${HOSTS[*]}"
}

# Everything that the lab starts carries this mark in its environment, and so do its orphans. A process id that an older
# run wrote down is trusted only if the process that has it now carries the mark: ids are used again.
mark() { echo "DRYDOCK_LAB_OWNER=$STATE:$1"; }
owned() { grep -qzxF "$(mark "$1")" "/proc/$2/environ" 2>/dev/null; } # owned NAME PID
owned_pids() { # owned_pids NAME…    of everything, if no name is said
  local name file patterns=()
  for name in "$@"; do patterns+=(-xe "$(mark "$name")"); done
  [ $# -gt 0 ] || patterns=(-e "$(mark "")")
  { grep -lzF "${patterns[@]}" /proc/[0-9]*/environ 2>/dev/null || true; } | cut -d/ -f3
}

start() { # start NAME COMMAND…
  local name=$1; shift
  mkdir -p "$STATE/log" "$STATE/run"
  setsid env "$(mark "$name")" "$@" </dev/null >>"$STATE/log/$name.log" 2>&1 9>&- &
  echo $! >"$STATE/run/$name.pid"
  # It carries the mark only once COMMAND itself has taken the place of this shell: amid an exec there is none.
  until owned "$name" $! || ! kill -0 $! 2>/dev/null; do sleep 0.02; done
}
alive() { # alive NAME
  local pid
  pid=$(cat "$STATE/run/$1.pid" 2>/dev/null) && owned "$1" "$pid"
}

kill_pids() { # kill_pids PID…    ends them at once: nothing in the lab outlives it
  [ $# -gt 0 ] || return 0
  kill -KILL "$@" 2>/dev/null || true
  local pid
  for pid in "$@"; do
    for _ in $(seq 50); do
      grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$pid/status" 2>/dev/null || break
      sleep 0.1
    done
  done
}
stop() { # stop NAME…    with all that they started
  local pids
  mapfile -t pids < <(owned_pids "$@")
  kill_pids "${pids[@]}"
  (cd "$STATE/run" 2>/dev/null && rm -f "${@/%/.pid}") || true
}

until_ok() { # until_ok SECONDS COMMAND…
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "gave up waiting for: $*" >&2; return 1; }
    sleep 0.1
  done
}
listening() { timeout 1 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; } # listening ADDRESS PORT

unmount_below() { # unmount_below DIRECTORY
  local point
  awk -v d="$1/" 'index($5, d) == 1 || $5 "/" == d { print $5 }' /proc/self/mountinfo | sort -r | while read -r point; do
    umount -l "$(printf '%b' "$point")" 2>/dev/null || true
  done
}

# The same tree of control groups stands in each hierarchy of version 1, and in the one of version 2.
cgroup_roots() {
  if [ -e /sys/fs/cgroup/cgroup.procs ]; then echo /sys/fs/cgroup; else ls -d /sys/fs/cgroup/*/; fi
}
cgroup_enter() { # cgroup_enter PATH    puts the caller into it, in every hierarchy
  local root file parent part
  for root in $(cgroup_roots); do
    parent=${root%/}
    for part in ${1//\// }; do
      mkdir -p "$parent/$part"
      for file in cpuset.cpus cpuset.mems; do
        [ ! -e "$root/cpuset.cpu_exclusive" ] || cat "$parent/$file" >"$parent/$part/$file"
      done
      parent=$parent/$part
    done
    echo "$BASHPID" >"$parent/cgroup.procs"
  done
}
cgroup_clear() { # cgroup_clear PATH    ends what lives in it and removes it
  local root pids
  for _ in $(seq 20); do
    pids=$(for root in $(cgroup_roots); do
      find "${root%/}/$1" -name cgroup.procs -exec cat {} + 2>/dev/null || true
    done | grep -vx 0 | sort -u) || true
    # shellcheck disable=SC2086
    [ -z "$pids" ] || { kill_pids $pids; continue; }
    for root in $(cgroup_roots); do
      [ ! -d "${root%/}/$1" ] || find "${root%/}/$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
    compgen -G "/sys/fs/cgroup/$1" >/dev/null || compgen -G "/sys/fs/cgroup/*/$1" >/dev/null || return 0
    sleep 0.1
  done
  echo "the control group $1 could not be removed" >&2
}

# systemd-nspawn will not use this directory where it lies on the root file system.
nspawn_ready() {
  mkdir -p /run/systemd/nspawn
  mountpoint -q /run/systemd/nspawn || mount -t tmpfs drydock-lab /run/systemd/nspawn
}

nameservers() { # the machine's, but none that only the machine itself can reach
  local file
  for file in /etc/resolv.conf /run/systemd/resolve/resolv.conf; do
    grep -E '^nameserver' "$file" 2>/dev/null | grep -vE '[[:space:]](127\.|::1)' && return
  done
  echo "nameserver 1.1.1.1"
}
