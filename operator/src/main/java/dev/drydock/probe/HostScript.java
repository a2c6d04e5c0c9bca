package dev.drydock.probe;

/**
 * The text of the scripts that look at hosts, for any POSIX shell. What is asked for are words:
 * none of them is read as shell text, and none of them decides what is run but by way of a name
 * that {@link HostLook} gives.
 */
final class HostScript {
  // Each command's output is indented, so that nothing it prints can pass for a section's head.
  // A command that hangs (df on a dead network mount) is ended alone, where the host has
  // timeout(1).
  static final String SECTIONS =
      Prelude.LIMITED
          + """
      section() {
        name=$1
        shift
        text=$("$@")
        printf '@%s %d\\n' "$name" $?
        printf '%s\\n' "$text" | sed 's/^/ /'
      }
      cpus() {
        getconf _NPROCESSORS_ONLN || grep -c '^processor' /proc/cpuinfo
      }
      """;

  static final String LOOK =
      SECTIONS
          + Prelude.PM2
          + """
      budget=$1
      fair=$2
      flags=$3
      shift 3
      began=$(date +%s)

      # Sets limit: how many seconds the next thing may take, $1 at the most. Fails if none are left. Sets
      # short if what came before has left less than a fair share: two fifths of all, since a PM2 that hangs
      # takes half of what there is by default. Who may take longer than a look may last has no more to ask for.
      allow() {
        limit=$1
        short=
        left=$((budget - $(date +%s) + began))
        if [ "$left" -lt "$limit" ]; then
          limit=$left
          [ "$left" -ge "$fair" ] || short=yes
        fi
        [ "$limit" -gt 0 ] || { limit=1; return 1; }
      }

      # Whether somebody holds the host's lock, and what its journal says. /proc/locks does not tell: in a container it
      # leaves out locks whose taker has ended, as flock(1) has. The journal does: its newest beginning is named after
      # the process that has the lock, by its number and its start.
      find_journal() {
        for lock in /run/lock/drydock.lock /tmp/drydock.lock; do
          journal=${lock%.lock}.journal
          [ ! -e "$lock" ] || return 0
        done
        return 1
      }
      see_held() {
        held=0
        holder=$(tail -n 200 "$journal" | awk -F '\\t' '$1 == "begin" { id = $2 } END { print id }')
        [ -n "$holder" ] || return 0
        { read -r stat <"/proc/${holder%.*}/stat"; } 2>/dev/null || return 0
        set -- ${stat##*) }
        [ "${20}" != "${holder#*.}" ] || held=1
      }
      work() {
        find_journal || return 0
        see_held
        printf 'held %d\\n' "$held"
        tail -n 40 "$journal" | cut -c 1-4000
      }
      # seconds: since then, what Drydock itself restarted, as 'from to name', by the host's clock.
      own_restarts() {
        find_journal || return 0
        see_held
        now=$(date +%s)
        tail -n 200 "$journal" | awk -F '\\t' -v now="$now" -v since="$((now - $1))" -v held="$held" '
          $1 == "end" { end[$2] = $3 }
          $1 == "begin" {
            newest = $2
            begin[$2] = $3
            for (i = 5; i <= NF; i++)
              if ($i == "host") name[$2 "\\t" i] = "*"
              else if ($i ~ /^pm2 /) name[$2 "\\t" i] = substr($i, 5)
          }
          END {
            for (key in name) {
              id = substr(key, 1, index(key, "\\t") - 1)
              # What broke off without an end goes on no more, whatever happens later.
              last = (id in end) ? end[id] : (held && id == newest) ? now : begin[id]
              if (last >= since) print begin[id], last + 2, name[key]
            }
          }
        ' | while read -r first last name; do
          printf '%s %s %s\\n' "$(date -d "@$first" +%Y-%m-%dT%H:%M:%S)" "$(date -d "@$last" +%Y-%m-%dT%H:%M:%S)" "$name"
        done
      }

      # The status of what was not given a fair share of time: that it was ended says nothing of it.
      judged() {
        case $short$1 in
          yes28 | yes124 | yes137) return 199 ;;
          *) return "$1" ;;
        esac
      }

      # Runs a command; prints no more than $1 bytes of its output, then a line 'exit STATUS'.
      capped() {
        bytes=$1
        shift
        exec 3>&1
        code=$({ { "$@" 3>&- 4>&-; echo $? >&4; } | head -c "$bytes" >&3; } 4>&1)
        printf '\\nexit %d\\n' "$code"
      }

      units() {
        IFS='
      '
        limited systemctl show --no-pager --property=Id,LoadState,ActiveState,SubState,Result -- $1
      }
      ask_units() { section "$key" units "$1"; }
      ask_failed() {
        section "$key" limited systemctl list-units --state=failed --plain --no-legend --no-pager
      }
      ask_disk() {
        section "$key" limited df -P -k -- "$1"
        section "$key.inodes" limited df -P -i -- "$1"
      }

      # url seconds json: prints the head and the body of the answer; ends with a status of curl(1). The
      # URL is no argument, since everybody on the host may read those.
      fetch() {
        limit=$(($2 + 1))
        if command -v curl >/dev/null; then
          printf '%s\\n' "$1" | sed 's/[\\\\"]/\\\\&/g; s/^/url = "/; s/$/"/' | {
            seconds=$2
            json=$3
            set -- -q -s -i -A drydock --globoff --proto =http,https --max-time "$seconds" -K -
            [ -z "$json" ] || set -- "$@" -H 'Content-Type: application/json' --data-binary "$json"
            limited curl "$@"
            judged $?
          }
        elif wget --version | grep -q '^GNU Wget'; then
          printf '%s\\n' "$1" | {
            seconds=$2
            json=$3
            set -- -q -O - -T "$seconds" -t 1 -U drydock -i -
            set -- "$@" --save-headers --content-on-error --max-redirect=0
            [ -z "$json" ] || set -- "$@" --header='Content-Type: application/json' --post-data="$json"
            limited wget "$@"
          }
          code=$?
          case $code in
            0 | 8) return 0 ;;
            # It does not tell a late answer from none.
            4 | 7) [ -z "$short" ] || return 199; return 56 ;;
            5) return 60 ;;
            *) judged $code ;;
          esac
        else
          return 127
        fi
      }
      ask_http() {
        allow "$2"
        section "$key" capped "$3" fetch "$1" "$limit" "$4"
      }
      ask_beacon() {
        allow "$2"
        section "$key" capped "$3" fetch "$1/eth/v1/node/syncing" "$limit" ''
        head=$(printf '%s\\n' "$text" | sed -n 's/.*"head_slot" *: *"0*\\([0-9][0-9]*\\)".*/\\1/p' | head -n 1)
        if [ -n "$4" ] && [ -n "$head" ] && [ "${#head}" -lt 16 ] && [ "$head" -ge 32 ]; then
          epoch=$((head / 32))
          allow "$2"
          section "$key.previous" capped "$3" fetch "$1/eth/v1/validator/liveness/$((epoch - 1))" "$limit" "$4"
          allow "$2"
          section "$key.current" capped "$3" fetch "$1/eth/v1/validator/liveness/$epoch" "$limit" "$4"
        fi
      }

      # Only what is needed of each process, since the full list has the environments of all.
      pm2_list() {
        pm2_find || return
        if command -v node >/dev/null; then
          pm2_run '
            const keys = ["status", "restart_time", "pm_uptime", "max_restarts"];
            console.log(JSON.stringify(list.map((p) => ({
              name: p.name,
              pm_id: p.pm_id,
              monit: p.monit,
              pm2_env: Object.fromEntries(keys.map((k) => [k, p.pm2_env[k]])),
            }))));
            for (const p of list)
              for (const path of [p.pm2_env.pm_out_log_path, p.pm2_env.pm_err_log_path])
                if (path && !/[\\t\\n]/.test(p.name + path)) console.log("log\\t" + p.name + "\\t" + path);
          '
        else
          limited pm2 jlist | head -c 131072
        fi
      }
      pm2_listed() {
        printf '%s\\n' "$pm2_text"
        return "$pm2_status"
      }
      ask_pm2() { section "$key" pm2_listed; }

      # seconds: how often PM2 started each process since then, by the daemon's own log. The first start
      # after the daemon's is no restart.
      pm2_starts() {
        log=${PM2_HOME:-$HOME/.pm2}/pm2.log
        [ -r "$log" ] || return 3
        from=$(date -d "@$(($(date +%s) - $1))" +%Y-%m-%dT%H:%M:%S) || return 4
        limited tail -c 2000000 "$log" | own=$(own_restarts "$1") awk -v from="$from" '
          BEGIN {
            works = split(ENVIRON["own"], work, "\\n")
          }
          function planned(name, i, who) {
            for (i = 1; i <= works; i++) {
              who = substr(work[i], 41)
              if ((who == "*" || who == name) && stamp >= substr(work[i], 1, 19) && stamp <= substr(work[i], 21, 19)) return 1
            }
            return 0
          }
          { stamp = substr($0, 1, 19) }
          stamp !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9:]*$/ { next }
          !seen { seen = 1; covered = (stamp < from) }
          /PM2 log: --- New PM2 Daemon started/ {
            daemon = 1
            covered = 1
            split("", known)
            split("", starts)
          }
          /PM2 log: App \\[.*:[0-9]+\\] starting in / {
            id = $0
            sub(/\\] starting in .*/, "", id)
            name = id
            sub(/.*:/, "", id)
            sub(/.*PM2 log: App \\[/, "", name)
            sub(/:[^:]*$/, "", name)
            if ((!daemon || (id in known)) && stamp >= from) {
              if (planned(name)) own[id]++
              else starts[id]++
            }
            known[id] = 1
          }
          END {
            print "covered", covered + 0
            for (id in starts) print id, starts[id]
            for (id in own) print "own", id, own[id]
          }
        '
      }
      ask_starts() { section "$key" pm2_starts "$1"; }

      # Lines since $since, by the time that they start with; a line without one belongs to the one above.
      # With 'first', only whether the first whole line that has a time is one of them: 1, 0 or nothing.
      recent() {
        awk -v only="$1" -v from="$from" -v utc="$utc" -v epoch="$since" -v year="$year" -v month="$month" '
          BEGIN {
            split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", names, " ")
            for (i in names) number[names[i]] = i + 0
            digit = "[0-9]"
            d2 = digit digit
            time = d2 ":" d2 ":" d2
            iso = d2 d2 "[-/]" d2 "[-/]" d2 "[T ]" time
            clf = d2 "/[A-Z][a-z][a-z]/" d2 d2 ":" time
            syslog = "^(<[0-9]+>)?[A-Z][a-z][a-z] [ 0-9][0-9] " time
          }
          {
            head = substr($0, 1, 160)
            dated = 1
            if (match(head, iso)) {
              stamp = substr(head, RSTART, 19)
              gsub("/", "-", stamp)
              sub(" ", "T", stamp)
              fresh = stamp >= (substr(head, RSTART + 19, 12) ~ /^[.,0-9]*(Z|\\+00:?00)/ ? utc : from)
            } else if (match(head, /"time": ?[0-9]+/)) {
              at = substr(head, RSTART, RLENGTH)
              sub(/.*[: ]/, "", at)
              at += 0
              fresh = (at > 100000000000 ? at / 1000 : at) >= epoch + 0
            } else if (match(head, clf)) {
              at = substr(head, RSTART, 20)
              stamp = sprintf("%s-%02d-%sT%s", substr(at, 8, 4), number[substr(at, 4, 3)], substr(at, 1, 2), substr(at, 13, 8))
              fresh = stamp >= from
            } else if (match(head, syslog)) {
              at = substr(head, RSTART + RLENGTH - 15, 15)
              m = number[substr(at, 1, 3)]
              stamp = sprintf("%04d-%02d-%02dT%s", year - (m > month + 0), m, substr(at, 5, 2) + 0, substr(at, 8, 8))
              fresh = stamp >= from
            } else {
              dated = 0
            }
          }
          only == "first" && NR > 1 && dated {
            print fresh
            exit
          }
          only == "" && fresh
        '
      }
      valid_pattern() {
        grep -E -e "$1" </dev/null >/dev/null
        [ $? -lt 2 ]
      }
      # Counts the lines of a file in its last $room bytes, and takes what it read from that. Sets reaches if
      # what was not read, there or in an older file, is older than $since.
      count_lines() {
        size=$(stat -L -c %s -- "$1")
        filter=cat
        if tail -n 50 "$1" | cut -c 1-160 | grep -q -E '[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:|"time": ?[0-9]{10}|[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:|^(<[0-9]+>)?[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:'; then
          filter=recent
        fi
        count=$(tail -c "$room" "$1" | "$filter" | limited grep -c -E -e "$pattern")
        code=$?
        [ "$code" -lt 2 ] || return "$code"
        total=$((total + count))
        reaches=
        [ "$filter" != recent ] || [ "$(tail -c "$room" "$1" | recent first)" != 0 ] || reaches=yes
        [ "$size" -le "$room" ] || [ -n "$reaches" ] || cut=1
        [ "$count" -eq 0 ] || [ "$filter" = recent ] || undated=1
        room=$((room - size))
      }
      # The files that logrotate or pm2-logrotate made of one, where lines may stand that are new enough.
      count_rotated() {
        set +f
        set -- "$1".[0-9]* "$1"-[0-9]* "${1%.log}"__[0-9]*
        set -f
        for old; do
          [ -f "$old" ] && [ "$(stat -L -c %Y -- "$old")" -ge "$since" ] || continue
          case $old in
            *.gz | *.bz2 | *.xz | *.zst | *.zip) cut=1 ;;
            *)
              if [ "$room" -gt 0 ] && [ -r "$old" ] && allow 4; then
                count_lines "$old" || return
              else
                cut=1
              fi
              ;;
          esac
        done
      }
      # pattern seconds paths, one a line
      log_files() {
        pattern=$1
        valid_pattern "$pattern" || return 65
        now=$(date +%s)
        since=$((now - $2))
        from=$(date -d "@$since" +%Y-%m-%dT%H:%M:%S) || return 67
        utc=$(date -u -d "@$since" +%Y-%m-%dT%H:%M:%S)
        year=$(date +%Y)
        month=$(date +%m)
        IFS='
      '
        set -- $3
        unset IFS
        cap=5000000
        [ $# -lt 2 ] || cap=$((cap / $#))
        [ "$cap" -ge 65536 ] || cap=65536
        total=0
        cut=0
        undated=0
        for path; do
          [ -e "$path" ] || { [ $# -gt 1 ] && continue; return 3; }
          [ -f "$path" ] || return 3
          [ -r "$path" ] || return 66
          [ "$(stat -L -c %Y -- "$path")" -ge "$since" ] || continue
          room=$cap
          count_lines "$path" || return
          [ -n "$reaches" ] || count_rotated "$path" || return
        done
        printf 'count %d\\ncut %d\\nundated %d\\n' "$total" "$cut" "$undated"
      }
      ask_logfile() { section "$key" log_files "$2" "$3" "$1"; }

      # name pattern seconds
      log_pm2() {
        [ "$pm2_status" -eq 0 ] || return "$pm2_status"
        printf '%s\\n' "$pm2_text" | grep -q -e '^log' -e '^\\[\\]' || return 68
        paths=$(printf '%s\\n' "$pm2_text" | awk -F '\\t' -v name="$1" '
          $1 == "log" && (name == "all" || name == $2) && $3 != "/dev/null" { print $3 }
        ' | sort -u)
        [ -n "$paths" ] || return 69
        # The empty path stands for a second file: that one is missing is fine.
        log_files "$2" "$3" "$paths
      /nonexistent"
      }
      ask_logpm2() { section "$key" log_pm2 "$1" "$2" "$3"; }

      # Whether systemd has no such unit and the journal no line of it: some units come and go.
      no_unit() {
        allow 4 && limited systemctl show --no-pager --property=LoadState -- "$1" |
          grep -q -x LoadState=not-found || return 1
        allow 4 && ! limited journalctl -q --no-pager -o cat -n 1 -u "$1" 2>/dev/null | grep -q ''
      }
      # unit pattern seconds
      log_journal() {
        valid_pattern "$2" || return 65
        command -v journalctl >/dev/null || return 127
        if limited journalctl --no-pager -n 0 -u "$1" 2>&1 >/dev/null |
          grep -q -i -e 'not seeing messages' -e 'insufficient permissions' -e 'no journal files'; then
          return 66
        fi
        allow 4 || return 199
        since=$(($(date +%s) - $3))
        unit=$1
        # The pipe keeps no status but grep's: one that was ended amid it has not told all.
        counts=$({
          { limited journalctl -q --no-pager -o cat -n 20000 --since "@$since" -u "$1" 2>/dev/null 4>&-
            echo $? >&4
          } | awk '{ print } END { print NR > "/dev/stderr" }' 2>&4 | grep -c -E -e "$2"
        } 4>&1)
        set -- $counts
        [ $# -eq 3 ] || return 1
        [ "$1" -eq 0 ] || return "$1"
        [ "$2" -gt 0 ] || ! no_unit "$unit" || return 70
        printf 'count %d\\ncut %d\\nundated 0\\n' "$3" $(($2 >= 20000))
      }
      ask_journal() { section "$key" log_journal "$1" "$2" "$3"; }

      # host port tls user password: neither word of the login is an argument of a program, since
      # everybody on the host may read those.
      redis_auth() {
        [ -n "$2" ] || return 0
        if [ -n "$1" ]; then
          set -- AUTH "$1" "$2"
        else
          set -- AUTH "$2"
        fi
        printf '*%d\\r\\n' $#
        for word; do
          printf '$%d\\r\\n%s\\r\\n' "$(printf '%s' "$word" | wc -c)" "$word"
        done
      }
      redis() {
        if command -v redis-cli >/dev/null; then
          host=$1
          port=$2
          tls=$3
          user=$4
          if [ -n "$5" ]; then
            REDISCLI_AUTH=$5
            export REDISCLI_AUTH
          fi
          set -- -h "$host" -p "$port"
          [ "$tls" = no ] || set -- "$@" --tls
          [ -z "$user" ] || set -- "$@" --user "$user"
          printf 'INFO clients\\nCONFIG GET maxclients\\n' | limited redis-cli "$@" 2>&1
          code=$?
          unset REDISCLI_AUTH
          judged $code
        elif [ "$3" = no ] && command -v bash >/dev/null; then
          { redis_auth "$4" "$5"
            printf 'INFO clients\\r\\nCONFIG GET maxclients\\r\\nQUIT\\r\\n'
          } | limited bash -c '
            exec 3<>"/dev/tcp/$1/$2" || exit 1
            cat >&3
            cat <&3
          ' redis "$1" "$2" 2>&1
          judged $?
        elif [ "$3" = no ] && command -v nc >/dev/null; then
          { redis_auth "$4" "$5"
            printf 'INFO clients\\r\\nCONFIG GET maxclients\\r\\nQUIT\\r\\n'
          } | limited nc "$1" "$2" 2>&1
          judged $?
        else
          return 127
        fi
      }
      ask_redis() { section "$key" capped 8192 redis "$1" "$2" "$3" "$4" "$5"; }

      # pattern program arguments
      command_run() {
        pattern=$1
        shift
        all=$(capped 16384 limited "$@")
        code=${all##*exit }
        case $short$code in
          yes124 | yes137) return 199 ;;
        esac
        output=${all%exit *}
        matched=0
        if [ -n "$pattern" ]; then
          valid_pattern "$pattern" || return 65
          printf '%s' "$output" | grep -q -E -e "$pattern" || matched=1
        fi
        printf '%s %s %s\\n' "$code" "$matched" "$limit"
        printf '%s\\n' "$output" | head -c 400
      }
      ask_command() {
        seconds=$1
        shift
        allow "$seconds"
        section "$key" command_run "$@"
      }

      ask_sysctl() { section "$key" limited cat -- "$1"; }

      file_state() {
        limited stat -L -c '%s %Y %F' -- "$1" 2>&1
      }
      ask_file() { section "$key" file_state "$1"; }

      # The first certificate of a PEM file, and nothing of a key that stands in it too.
      certificate() {
        [ -e "$1" ] || return 3
        [ -r "$1" ] || return 66
        limited sed -n '/-----BEGIN CERTIFICATE-----/,/-----END CERTIFICATE-----/{
          /PRIVATE KEY/q
          p
          /-----END CERTIFICATE-----/q
        }' "$1" | head -c 32768
      }
      ask_certificate() { section "$key" certificate "$1"; }

      chrony() {
        command -v chronyc >/dev/null || return 127
        limited chronyc -c tracking
      }
      timesync() {
        command -v timedatectl >/dev/null || return 127
        limited timedatectl timesync-status
      }
      ask_time() {
        section chrony chrony
        section timesync timesync
      }

      # kind key count words…, and what belongs to others
      ask() {
        kind=$1
        key=$2
        count=$3
        shift 3
        others=$(($# - count))
        while [ "$count" -gt 0 ]; do
          word=$1
          shift
          set -- "$@" "$word"
          count=$((count - 1))
        done
        shift "$others"
        if allow 4; then "ask_$kind" "$@"; else printf '@%s 199\\n' "$key"; fi
      }

      # Asks the first $1 of what follows, all at the same time; what they print is not mixed.
      together() {
        room=$(($1 - 1))
        shift
        if [ "$room" -ge 0 ] && [ $# -gt 0 ]; then
          ask "$@" </dev/null | {
            shift $((3 + $3))
            together "$room" "$@"
            cat
          }
        fi
      }

      case $flags in
        *clock*) section clock date +%s.%N ;;
      esac
      section meminfo cat /proc/meminfo
      section loadavg cat /proc/loadavg
      section cpus cpus
      section work work
      case $flags in
        *pm2*)
          limit=4
          pm2_text=$(pm2_list)
          pm2_status=$?
          ;;
      esac
      while [ $# -gt 0 ]; do
        together 8 "$@"
        asked=0
        while [ $# -gt 0 ] && [ "$asked" -lt 8 ]; do
          shift $((3 + $3))
          asked=$((asked + 1))
        done
      done
      case $flags in
        *clock*) section clock.end date +%s.%N ;;
      esac
      """;

  private HostScript() {}
}
