package dev.drydock.work;

import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.Script;
import dev.drydock.work.Pm2List.Pm2Process;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What ran on a host before the work, and must run again afterwards.
 *
 * @param units services that ran, and are not just started on demand
 * @param pm2 names of PM2 processes that were online
 * @param failed units of any kind that were in state failed; null: nobody knows
 */
record Before(List<String> units, List<String> pm2, @Nullable List<String> failed) {
  private static final Duration SOON = Duration.ofMinutes(1);

  /** On demand: nothing starts them at boot, and that is right. */
  private static final Set<String> NOT_BY_THEMSELVES =
      Set.of("static", "indirect", "alias", "transient", "masked", "masked-runtime");

  private static final String UNITS =
      """
      command -v systemctl >/dev/null || exit 0
      set -f
      units=$(systemctl list-units --type=service --state=running --plain --no-legend --no-pager |
        awk '{ print $1 }')
      [ -z "$units" ] ||
        systemctl show --no-pager --property=Id,UnitFileState,Transient,Type,TriggeredBy -- $units
      """;

  private static final String FAILED =
      """
      command -v systemctl >/dev/null || exit 1
      units=$(systemctl list-units --state=failed --plain --no-legend --no-pager) || exit 1
      printf '%s\\n' "$units" | awk 'NF { print $1 }'
      """;

  Before {
    units = List.copyOf(units);
    pm2 = List.copyOf(pm2);
    failed = failed == null ? null : List.copyOf(failed);
  }

  /** What is not known before the work can't be proven to run again after it. */
  static Before look(Site site) throws Undone, InterruptedException {
    String units = site.run("see what runs", Script.of(UNITS, List.of()), SOON).output();
    Pm2List pm2 = Pm2List.of(site);
    if (pm2.problem().isPresent() && !pm2.absent()) {
      throw new Undone(
          "nothing was begun, since nobody can tell which PM2 processes run: "
              + pm2.problem().get());
    }
    return new Before(units(units), pm2.names(Pm2Process::isOnline), failed(site));
  }

  private static @Nullable List<String> failed(Site site) throws InterruptedException {
    return site.ask(Script.of(FAILED, List.of()), SOON) instanceof Completed done
            && done.exitCode() == 0
        ? done.output().lines().toList()
        : null;
  }

  /** Units that have failed since: mounts and what runs but once, too. */
  Optional<String> newlyFailed(Site site) throws InterruptedException {
    @Nullable List<String> now = failed == null ? null : failed(site);
    if (failed == null || now == null) {
      return Optional.empty();
    }
    List<String> fresh = now.stream().filter(unit -> !failed.contains(unit)).toList();
    return fresh.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.join(", ", fresh)
                + (fresh.size() == 1 ? " has failed, and had" : " have failed, and had")
                + " not before");
  }

  /** What {@link #UNITS} printed: blocks of properties. */
  static List<String> units(String output) {
    var units = new ArrayList<String>();
    for (String block : output.strip().split("\n\\s*\n", -1)) {
      Map<String, String> properties = new HashMap<>();
      block
          .lines()
          .map(line -> line.split("=", 2))
          .filter(pair -> pair.length == 2)
          .forEach(pair -> properties.put(pair[0].strip(), pair[1].strip()));
      String id = properties.getOrDefault("Id", "");
      if (!id.isEmpty() && comesBack(properties)) {
        units.add(id);
      }
    }
    return units;
  }

  /**
   * What is enabled does. What a person has started by hand does not, and that is worth to be told;
   * but what a socket, a timer or D-Bus starts has no need to.
   */
  private static boolean comesBack(Map<String, String> unit) {
    String state = unit.getOrDefault("UnitFileState", "");
    if (state.startsWith("enabled") || state.equals("generated")) {
      return true;
    }
    return !state.isEmpty()
        && !NOT_BY_THEMSELVES.contains(state)
        && !unit.getOrDefault("Transient", "no").equals("yes")
        && !unit.getOrDefault("Type", "").equals("dbus")
        && unit.getOrDefault("TriggeredBy", "").isEmpty();
  }
}
