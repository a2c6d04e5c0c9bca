package dev.drydock.work;

import dev.drydock.api.v1alpha1.hosthealth.TopOrder;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell;
import dev.drydock.port.Script;
import dev.drydock.probe.Prelude;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Writes down what a host is like before it is changed. */
final class Records {
  private static final Duration TIME = Duration.ofMinutes(1);
  private static final int FORBIDDEN = 66;
  private static final int BAD_PATTERN = 65;

  // Two words of a command line, since the others may be secrets. CPU is what was used within one
  // second: an average over a process's life does not tell who causes a spike.
  private static final String TOP =
      """
      order=$1
      count=$2
      seen() {
        cat /proc/[0-9]*/stat
        echo
      }
      page=$(getconf PAGESIZE) || page=4096
      ticks=$(getconf CLK_TCK) || ticks=100
      printf 'PID\\tCPU %%\\tMEMORY MiB\\tUSER\\tCOMMAND\\n'
      { seen; sleep 1; seen; } | awk -v order="$order" -v page="$page" -v ticks="$ticks" '
        $0 == "" { seconds++; next }
        {
          pid = $1
          sub(/^.*\\) /, "")
          used = $12 + $13
          if (seconds == 0) before[pid] = used
          else if (pid in before) {
            cpu = (used - before[pid]) * 100 / ticks
            memory = $22 * page / 1048576
            printf "%.3f\\t%d\\t%.0f\\t%.0f\\n", order == "cpu" ? cpu : memory, pid, cpu, memory
          }
        }
      ' | sort -k 1,1nr | head -n "$count" | while read -r weight pid cpu memory; do
        command=$(tr '\\0' '\\n' <"/proc/$pid/cmdline" | awk 'NR > 2 || /^-/ { exit } { printf "%s ", $0 }' | cut -c 1-200)
        [ -n "$command" ] || command="[$(cat "/proc/$pid/comm")]"
        printf '%s\\t%s\\t%s\\t%s\\t%s\\n' "$pid" "$cpu" "$memory" "$(stat -c %U "/proc/$pid")" "$command"
      done
      """;

  private static final String LOGS =
      Prelude.LIMITED
          + Prelude.PM2
          + """
          kind=$1
          lines=$2
          pattern=$3
          shift 3
          matching() {
            if [ -n "$pattern" ]; then grep -E -e "$pattern"; else cat; fi
          }
          if [ -n "$pattern" ]; then
            grep -E -e "$pattern" </dev/null >/dev/null
            [ $? -lt 2 ] || exit 65
          fi
          limit=20
          if [ "$kind" = journal ]; then
            command -v journalctl >/dev/null || exit 127
            sudo=
            if limited journalctl --no-pager -n 0 -u "$1" 2>&1 >/dev/null |
              grep -q -i -e 'not seeing messages' -e 'insufficient permissions' -e 'no journal files'; then
              sudo='sudo -n'
              $sudo true || exit 66
            fi
            limited $sudo journalctl -q --no-pager -o short-iso -n 20000 -u "$1" |
              matching | tail -n "$lines" | cut -c 1-1000
            exit 0
          fi
          pm2_find || exit
          logs=$(pm2_run '
            for (const p of list)
              for (const path of [p.pm2_env.pm_out_log_path, p.pm2_env.pm_err_log_path])
                if (path && path !== "/dev/null" && !/[\\t\\n]/.test(p.name + path)) console.log(p.name + "\\t" + path);
          ') || exit
          for name; do
            printf '%s\\n' "$logs" | name=$name awk -F '\\t' '
              $2 != "" && (ENVIRON["name"] == "all" || $1 == ENVIRON["name"])
            '
          done | sort -u | while IFS='	' read -r name path; do
            printf '== %s: %s\\n' "$name" "$path"
            if [ -r "$path" ]; then
              tail -c 2000000 -- "$path" | matching | tail -n "$lines" | cut -c 1-1000
            else
              echo 'can not be read'
            fi
          done | head -c 150000
          """;

  // No variable of the environment is among them, since PM2 keeps those beside these.
  private static final String CONFIGURATION =
      Prelude.LIMITED
          + Prelude.PM2
          + """
          pm2_find || exit
          limit=20
          pm2_run '
            const keys = ["namespace", "version", "status", "exec_mode", "instances", "pm_exec_path", "pm_cwd",
              "exec_interpreter", "node_version", "node_args", "args", "username", "autorestart", "max_restarts",
              "min_uptime", "restart_delay", "exp_backoff_restart_delay", "max_memory_restart", "cron_restart", "watch",
              "kill_timeout", "listen_timeout", "wait_ready", "stop_exit_codes", "exit_code", "restart_time",
              "unstable_restarts", "created_at", "pm_uptime", "pm_out_log_path", "pm_err_log_path", "pm_pid_path"];
            const names = process.argv.slice(1);
            for (const p of list)
              if (names.includes("all") || names.includes(p.name)) {
                console.log(p.name + " (" + p.pm_id + ")");
                for (const key of keys) {
                  const value = p.pm2_env[key];
                  if (value !== undefined && value !== null)
                    console.log("  " + key + ": " + (Array.isArray(value) ? value.join(" ") : String(value)));
                }
              }
          ' "$@"
          """;

  private Records() {}

  static StepOutcome top(HostLock lock, TopOrder by, int count) {
    var script =
        Script.of(TOP, List.of(by == TopOrder.Cpu ? "cpu" : "memory", Integer.toString(count)));
    return outcome(
        lock.run(script, TIME),
        "recorded the "
            + count
            + " processes that use most "
            + (by == TopOrder.Cpu ? "CPU" : "memory"));
  }

  /** Of PM2 processes, by name; {@code all} means each. */
  static StepOutcome pm2Logs(HostLock lock, List<String> names, int lines, String matching) {
    return logs(lock, "pm2", names, lines, matching);
  }

  /** Of a systemd unit, named with its suffix. */
  static StepOutcome journal(HostLock lock, String unit, int lines, String matching) {
    return logs(lock, "journal", List.of(unit), lines, matching);
  }

  private static StepOutcome logs(
      HostLock lock, String kind, List<String> names, int lines, String matching) {
    var words = new ArrayList<>(List.of(kind, Integer.toString(lines), matching));
    words.addAll(names);
    return outcome(
        lock.run(Script.of(LOGS, words), TIME),
        "recorded log lines of " + String.join(", ", names));
  }

  /** How PM2 runs processes, by name, without their environments. */
  static StepOutcome configuration(HostLock lock, List<String> names) {
    return outcome(
        lock.run(Script.of(CONFIGURATION, names), TIME),
        "recorded the configuration of " + String.join(", ", names));
  }

  private static StepOutcome outcome(HostShell.Answer answer, String done) {
    return switch (answer) {
      case HostShell.Failed failed -> new StepOutcome.Lost(failed.message());
      case HostShell.Completed(int status, String output, _, _, _) ->
          switch (status) {
            case 0 ->
                output.isBlank()
                    ? new StepOutcome.Done(done + ": there was nothing", "")
                    : new StepOutcome.Done(done, output);
            case BAD_PATTERN ->
                new StepOutcome.Failed(
                    "the pattern is no POSIX extended regular expression: correct it", output);
            case FORBIDDEN ->
                new StepOutcome.Failed(
                    "the SSH user may not read the journal: add it to the group systemd-journal",
                    output);
            default ->
                new StepOutcome.Failed(
                    Services.PM2_PROBLEMS.getOrDefault(
                        status, "nothing could be recorded (status " + status + ")"),
                    output);
          };
    };
  }
}
