package dev.drydock.probe;

import dev.drydock.kernel.Text;
import dev.drydock.probe.Reading.FailedUnits;
import dev.drydock.probe.Reading.FileSystem;
import dev.drydock.probe.Reading.LoadInfo;
import dev.drydock.probe.Reading.MemoryInfo;
import dev.drydock.probe.Reading.Unit;
import dev.drydock.probe.Reading.UnitList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From what commands print to figures. Any text gives a reading or {@link Unreadable}. */
final class Parsers {
  private static final int QUOTED = 60;

  private Parsers() {}

  static MemoryInfo memory(String meminfo) throws Unreadable {
    Map<String, Long> kilobytes = new HashMap<>();
    for (String line : meminfo.split("\n", -1)) {
      String[] words = line.trim().split("[: ]+", -1);
      if (words.length >= 2 && words[1].matches("[0-9]{1,15}")) {
        kilobytes.put(words[0], Long.parseLong(words[1]));
      }
    }
    Long available = kilobytes.get("MemAvailable");
    if (available == null) {
      throw new Unreadable("/proc/meminfo has no MemAvailable (kernels before 3.14 lack it)");
    }
    return new MemoryInfo(
        1024 * required(kilobytes, "MemTotal"),
        1024 * available,
        1024 * required(kilobytes, "SwapTotal"),
        1024 * required(kilobytes, "SwapFree"));
  }

  private static long required(Map<String, Long> values, String name) throws Unreadable {
    Long value = values.get(name);
    if (value == null) {
      throw new Unreadable("/proc/meminfo has no " + name);
    }
    return value;
  }

  static LoadInfo load(String loadavg, String cpus) throws Unreadable {
    String[] words = loadavg.trim().split("\\s+", -1);
    if (words.length < 3) {
      throw new Unreadable("/proc/loadavg reads '" + quoted(loadavg) + "'");
    }
    String online = cpus.trim();
    if (!online.matches("[1-9][0-9]{0,4}")) {
      throw new Unreadable("the number of CPUs reads '" + quoted(online) + "'");
    }
    return new LoadInfo(
        decimal(words[0]), decimal(words[1]), decimal(words[2]), Integer.parseInt(online));
  }

  private static double decimal(String word) throws Unreadable {
    if (!word.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
      throw new Unreadable("a load average reads '" + quoted(word) + "'");
    }
    return Double.parseDouble(word);
  }

  /** From {@code df -Pk} and {@code df -Pi}, whose last line counts. */
  static FileSystem fileSystem(String blocks, String inodes) throws Unreadable {
    long[] space = figures(blocks);
    long[] nodes = inodes.isBlank() ? new long[3] : figures(inodes);
    return new FileSystem(1024 * space[0], 1024 * space[1], 1024 * space[2], nodes[0], nodes[1]);
  }

  /** The three figures before the percentage; names of devices and of paths may have spaces. */
  private static long[] figures(String df) throws Unreadable {
    String[] lines = df.strip().split("\n", -1);
    String[] words = lines[lines.length - 1].trim().split("\\s+", -1);
    for (int i = 4; i < words.length; i++) {
      boolean percent = words[i].matches("[0-9]{1,3}%|-");
      if (percent && Arrays.stream(words, i - 3, i).allMatch(w -> w.matches("-?[0-9]{1,15}|-"))) {
        long[] figures = new long[3];
        for (int j = 0; j < 3; j++) {
          String word = words[i - 3 + j];
          figures[j] = word.equals("-") ? 0 : Math.max(0, Long.parseLong(word));
        }
        return figures;
      }
    }
    throw new Unreadable("df printed '" + quoted(lines[lines.length - 1]) + "'");
  }

  /** From {@code systemctl show}: a block of {@code name=value} lines a unit. */
  static UnitList units(String show, int asked) throws Unreadable {
    var units = new ArrayList<Unit>();
    for (String block : show.strip().split("\n\\s*\n", -1)) {
      var properties = new HashMap<String, String>();
      for (String line : block.split("\n", -1)) {
        int equals = line.indexOf('=');
        if (equals > 0) {
          properties.put(line.substring(0, equals).trim(), line.substring(equals + 1).trim());
        }
      }
      if (!properties.isEmpty()) {
        units.add(
            new Unit(
                property(properties, "Id"),
                property(properties, "LoadState"),
                property(properties, "ActiveState"),
                property(properties, "SubState"),
                properties.getOrDefault("Result", "")));
      }
    }
    if (units.size() != asked) {
      throw new Unreadable(
          "systemctl told of " + units.size() + " units where " + asked + " were asked for");
    }
    return new UnitList(units);
  }

  private static String property(Map<String, String> properties, String name) throws Unreadable {
    @Nullable String value = properties.get(name);
    if (value == null) {
      throw new Unreadable("systemctl told of a unit without " + name);
    }
    return value;
  }

  /** From {@code systemctl list-units --state=failed --plain --no-legend}: the first word. */
  static FailedUnits failedUnits(String list) {
    return new FailedUnits(
        list.lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .map(line -> Text.line(line.split("\\s+", -1)[0], QUOTED))
            .toList());
  }

  private static String quoted(String text) {
    return Text.line(text, QUOTED);
  }

  /** Sections of {@link HostLook}'s script: a line {@code @name status}, then indented lines. */
  static List<Look.Section> sections(String output) {
    var sections = new ArrayList<Look.Section>();
    String name = "";
    int status = 0;
    var text = new StringBuilder();
    for (String line : output.split("\n", -1)) {
      if (line.startsWith("@")) {
        if (!name.isEmpty()) {
          sections.add(new Look.Section(name, status, text.toString()));
        }
        String[] words = line.substring(1).split(" ", 2);
        name = words[0];
        status =
            words.length == 2 && words[1].matches("[0-9]{1,3}") ? Integer.parseInt(words[1]) : 1;
        text.setLength(0);
      } else if (line.startsWith(" ")) {
        text.append(line, 1, line.length()).append('\n');
      }
    }
    if (!name.isEmpty()) {
      sections.add(new Look.Section(name, status, text.toString()));
    }
    return sections;
  }
}
