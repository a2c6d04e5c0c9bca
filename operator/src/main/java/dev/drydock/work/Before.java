package dev.drydock.work;

import dev.drydock.port.Script;
import dev.drydock.work.Pm2List.Pm2Process;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What ran on a host before the work, and must run again afterwards.
 *
 * @param units services that ran, and are not just started on demand
 * @param pm2 names of PM2 processes that were online
 * @param failed how many units of any kind were in state failed; null: nobody knows
 */
record Before(List<String> units, List<String> pm2, @Nullable Integer failed) {
  private static final Duration SOON = Duration.ofMinutes(1);

  /** On demand: nothing starts them at boot, and that is right. */
  private static final Set<String> NOT_BY_THEMSELVES =
      Set.of("static", "indirect", "alias", "transient", "masked", "masked-runtime");

  private static final Pattern FAILED = Pattern.compile("(?m)^Failed=([0-9]{1,6})$");

  private static final String UNITS =
      """
      command -v systemctl >/dev/null || exit 0
      set -f
      units=$(systemctl list-units --type=service --state=running --plain --no-legend --no-pager |
        awk '{ print $1 }')
      [ -z "$units" ] ||
        systemctl show --no-pager --property=Id,UnitFileState,Transient,Type,TriggeredBy -- $units
      printf '\\nFailed=%d\\n' \
        "$(systemctl list-units --state=failed --plain --no-legend --no-pager | grep -c .)"
      """;

  Before {
    units = List.copyOf(units);
    pm2 = List.copyOf(pm2);
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
    return new Before(units(units), pm2.names(Pm2Process::isOnline), failed(units));
  }

  static @Nullable Integer failed(String output) {
    Matcher failed = FAILED.matcher(output);
    return failed.find() ? Integer.valueOf(failed.group(1)) : null;
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
