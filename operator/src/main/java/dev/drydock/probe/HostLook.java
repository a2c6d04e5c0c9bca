package dev.drydock.probe;

import dev.drydock.kernel.Fingerprint;
import dev.drydock.port.Script;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One script that asks a host everything that a set of demands needs to know, each thing once, in
 * one round trip.
 */
public final class HostLook {
  // Each command's output is indented, so that nothing it prints can pass for a section's head.
  // A command that hangs (df on a dead network mount) is ended alone, where the host has
  // timeout(1).
  static final String SECTIONS =
      """
      set -f
      limited() {
        if command -v timeout >/dev/null; then timeout -k 1 4 "$@"; else "$@"; fi
      }
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

  private static final String SCRIPT =
      SECTIONS
          + """
      units() {
        IFS='
      '
        limited systemctl show --no-pager --property=Id,LoadState,ActiveState,SubState,Result -- $1
      }
      section meminfo cat /proc/meminfo
      section loadavg cat /proc/loadavg
      section cpus cpus
      while [ $# -gt 2 ]; do
        case $1 in
          units) section "$2" units "$3" ;;
          failed) section "$2" limited systemctl list-units --state=failed --plain --no-legend --no-pager ;;
          disk)
            section "$2" limited df -P -k -- "$3"
            section "$2.inodes" limited df -P -i -- "$3" ;;
        esac
        shift 3
      done
      """;

  private HostLook() {}

  /** The script for {@code demands}. */
  public static Script script(Collection<Demand> demands) {
    var words = new ArrayList<String>();
    Set<String> units = units(demands);
    if (!units.isEmpty()) {
      words.addAll(List.of("units", "units", String.join("\n", units)));
    }
    for (Demand demand : new LinkedHashSet<>(demands)) {
      switch (demand) {
        case Demand.Units wanted -> {
          if (wanted.failedAbove() != null && !words.contains("failed")) {
            words.addAll(List.of("failed", "failed", ""));
          }
        }
        case Demand.Disk disk -> {
          String section = disk(disk.path());
          if (!words.contains(section)) {
            words.addAll(List.of("disk", section, disk.path()));
          }
        }
        case Demand.Memory _, Demand.Load _, Demand.Swap _ -> {
          // Every look brings these along.
        }
      }
    }
    return Script.of(SCRIPT, words);
  }

  /** What the script for {@code demands} printed, for {@link Evaluation}. */
  public static Look read(Collection<Demand> demands, String output) {
    return new Look(Parsers.sections(output), List.copyOf(units(demands)));
  }

  /** The name of the section that tells of the file system of {@code path}. */
  static String disk(String path) {
    return "disk:" + Fingerprint.of(path);
  }

  /** All units that are asked for, with their suffix, in the order of the section. */
  static Set<String> units(Collection<Demand> demands) {
    var units = new LinkedHashSet<String>();
    for (Demand demand : demands) {
      if (demand instanceof Demand.Units wanted) {
        wanted.active().forEach(unit -> units.add(withSuffix(unit)));
      }
    }
    return units;
  }

  /** systemctl(1): a name without a suffix is a service's. */
  static String withSuffix(String unit) {
    return unit.matches(
            ".*\\.(service|socket|target|timer|mount|path|slice|scope|device|swap|automount)")
        ? unit
        : unit + ".service";
  }
}
