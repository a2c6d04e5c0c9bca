package dev.drydock.work;

import dev.drydock.kernel.Sizes;
import dev.drydock.kernel.Text;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell;
import dev.drydock.port.Script;
import dev.drydock.probe.Prelude;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Restarts, reloads and stops services, under a host's lock. A PM2 process that runs in cluster
 * mode is reloaded, instance by instance, so that one always answers.
 */
public final class Services {
  private static final Duration ONE = Duration.ofSeconds(65);
  private static final Duration MOST = Duration.ofMinutes(10);
  private static final Duration SPARE = Duration.ofSeconds(20);
  private static final int NAME = 128;

  /** What {@link Prelude#PM2} ends with instead of doing anything. */
  static final Map<Integer, String> PM2_PROBLEMS =
      Map.of(
          127, "PM2 is not installed where the SSH user's shell finds it",
          3, "PM2 does not run for the SSH user",
          4, "pm2 jlist printed no list in time",
          68, "there is no node beside pm2 to read its list with");

  private static final String PM2 =
      Prelude.LIMITED
          + Prelude.PM2
          + """
          processes() {
            limit=20
            pm2_run '
              for (const p of list)
                if (!/[\\t\\n]/.test(p.name))
                  console.log([p.pm_id, p.pm2_env.exec_mode, p.pm2_env.status, (p.monit || {}).memory || 0, p.name].join("\\t"));
            '
          }
          # verb names…: by id, since a name may read like one
          act() {
            verb=$1
            shift
            for name; do
              ids=$(printf '%s\\n' "$known" | name=$name awk -F '\\t' '
                $5 != "" && (ENVIRON["name"] == "all" || $5 == ENVIRON["name"]) { print $1 "\\t" $2 "\\t" $5 }
              ')
              [ -n "$ids" ] || printf 'missing\\t%s\\n' "$name"
              printf '%s\\n' "$ids" | while IFS='\t' read -r id mode each; do
                [ -n "$id" ] || continue
                do=$verb
                [ "$verb-$mode" != restart-cluster_mode ] || do=reload
                limit=60
                said=$(limited pm2 "$do" "$id" 2>&1 </dev/null)
                printf 'did\\t%s\\t%d\\t%s\\n' "$do" $? "$each"
                printf '%s\\n' "$said" | sed 's/^/ /'
              done
            done
            printf '%s\\n' "$(processes)" | awk -F '\\t' '$5 != "" { print "now\\t" $3 "\\t" $5 }'
          }
          work() {
            what=$1
            shift
            pm2_find || return
            known=$(processes) || return
            case $what in
              heaviest)
                weights=$(
                  for name; do
                    printf '%s\\n' "$known" | name=$name awk -F '\\t' '
                      $5 == ENVIRON["name"] { sum += $4; found = 1 }
                      END { if (found) printf "weighs\\t%.0f\\t%s\\n", sum, ENVIRON["name"] }
                    '
                  done
                )
                [ -n "$weights" ] || return 69
                printf '%s\\n' "$weights"
                act restart "$(printf '%s\\n' "$weights" | sort -t '\t' -k 2,2nr | head -n 1 | cut -f 3)"
                ;;
              *) act "$what" "$@" ;;
            esac
          }
          work "$@"
          """;

  private static final String UNITS =
      Prelude.LIMITED
          + """
          sudo='sudo -n'
          [ "$(id -u)" -ne 0 ] || sudo=
          command -v systemctl >/dev/null || exit 127
          for unit; do
            limit=120
            said=$(limited $sudo systemctl restart -- "$unit" 2>&1 </dev/null)
            printf 'did\\trestart\\t%d\\t%s\\n' $? "$unit"
            printf '%s\\n' "$said" | head -c 2000 | sed 's/^/ /'
            limit=10
            printf 'now\\t%s\\t%s\\n' "$(limited systemctl is-active -- "$unit")" "$unit"
          done
          """;

  private Services() {}

  /** Restarts PM2 processes by name, one after the other; {@code all} means each. */
  public static StepOutcome restartPm2(HostLock lock, List<String> names) {
    return pm2(lock, "restart", "restarted", names);
  }

  /** Stops PM2 processes by name. */
  public static StepOutcome stopPm2(HostLock lock, List<String> names) {
    return pm2(lock, "stop", "stopped", names);
  }

  /** Restarts the PM2 process of {@code names} whose instances use most memory. */
  public static StepOutcome restartHeaviest(HostLock lock, List<String> names) {
    return pm2(lock, "heaviest", "restarted", names);
  }

  /** Restarts systemd units, named with their suffix, and waits until they are up. */
  public static StepOutcome restartUnits(HostLock lock, List<String> units) {
    return outcome(
        lock.run(Script.of(UNITS, units), time(2 * units.size())),
        "restarted",
        Map.of(127, "the host has no systemctl"));
  }

  private static StepOutcome pm2(HostLock lock, String verb, String done, List<String> names) {
    var words = new ArrayList<>(List.of(verb));
    words.addAll(names);
    // The processes of one name may be many.
    return outcome(lock.run(Script.of(PM2, words), time(4 * names.size())), done, PM2_PROBLEMS);
  }

  private static Duration time(int services) {
    Duration time = ONE.multipliedBy(services).plus(SPARE);
    return time.compareTo(MOST) < 0 ? time : MOST;
  }

  private static StepOutcome outcome(
      HostShell.Answer answer, String done, Map<Integer, String> problems) {
    return switch (answer) {
      case HostShell.Failed failed -> new StepOutcome.Lost(failed.message());
      case HostShell.Completed completed when completed.exitCode() == 69 ->
          new StepOutcome.Failed("PM2 has none of the processes that are listed", "", true);
      case HostShell.Completed completed when problems.containsKey(completed.exitCode()) ->
          new StepOutcome.Failed(problems.get(completed.exitCode()), completed.output(), true);
      case HostShell.Completed completed -> read(completed.output(), done);
    };
  }

  /** Reads what the scripts print. Never throws for anything that a host printed. */
  static StepOutcome read(String output, String done) {
    var well = new LinkedHashSet<String>();
    var wrong = new LinkedHashMap<String, String>();
    var weights = new ArrayList<String>();
    boolean tried = false;
    for (String line : output.split("\n", -1)) {
      String[] words = line.split("\t", -1);
      if (words[0].equals("missing") && words.length == 2) {
        wrong.put(name(words[1]), "does not exist");
      } else if (words[0].equals("weighs") && words.length == 3) {
        weights.add(name(words[2]) + " uses " + size(words[1]));
      } else if (words[0].equals("did") && words.length == 4) {
        tried = true;
        String name = name(words[3]);
        if (words[2].equals("0")) {
          well.add(name + (words[1].equals("reload") ? " (reloaded)" : ""));
        } else {
          wrong.put(name, "could not be " + done + " (status " + name(words[2]) + ")");
        }
      } else if (words[0].equals("now") && words.length == 3) {
        String name = name(words[2]);
        if ((well.contains(name) || well.contains(name + " (reloaded)"))
            && !isAsMeant(done, words[1])) {
          wrong.put(name, "is " + name(words[1]) + " now");
        }
      }
    }
    var parts = new ArrayList<String>();
    if (!well.isEmpty()) {
      parts.add(done + " " + String.join(", ", well));
    }
    if (!weights.isEmpty()) {
      parts.add(String.join(", ", weights));
    }
    if (!wrong.isEmpty()) {
      parts.add(
          wrong.entrySet().stream()
              .map(entry -> entry.getKey() + " " + entry.getValue())
              .collect(Collectors.joining(", ")));
    }
    String message = parts.isEmpty() ? "the host printed nothing of it" : String.join("; ", parts);
    return wrong.isEmpty() && !well.isEmpty()
        ? new StepOutcome.Done(message, output)
        : new StepOutcome.Failed(message, output, !tried && !wrong.isEmpty());
  }

  private static boolean isAsMeant(String done, String state) {
    return done.equals("stopped")
        ? state.equals("stopped")
        : List.of("online", "launching", "active", "activating", "reloading").contains(state);
  }

  private static String name(String text) {
    return Text.line(text, NAME);
  }

  private static String size(String bytes) {
    return bytes.matches("[0-9]{1,15}") ? Sizes.text(Long.parseLong(bytes)) : "?";
  }
}
