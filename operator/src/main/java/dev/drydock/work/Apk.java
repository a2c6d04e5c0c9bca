package dev.drydock.work;

import dev.drydock.port.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Alpine Linux, which removes by itself what nothing needs any more. */
record Apk() implements PackageManager {
  private static final Pattern CHANGE =
      Pattern.compile(
          "(?m)^\\([0-9]+/[0-9]+\\) (?:Upgrading (\\S+) \\((\\S+) -> (\\S+)\\)|Installing (\\S+)"
              + " \\((\\S+)\\))");
  private static final Pattern UNREACHABLE =
      Pattern.compile("(?m)^(?:WARNING|ERROR): (?:fetching |Ignoring )?(https?://\\S+?):? ");

  private static final String REFRESH = Shell.COMMON + "retried 8000 as_root apk update\n";
  private static final String PENDING =
      Shell.COMMON + "kept 200000 as_root apk upgrade --simulate\n";
  private static final String INSTALL = Shell.COMMON + "retried 16000 as_root apk upgrade\n";
  private static final String CLEAN =
      Shell.COMMON
          + """
          [ ! -e /etc/apk/cache ] || kept 2000 as_root apk cache clean
          """;
  private static final String REPAIR =
      Shell.COMMON
          + """
          [ ! -e /lib/apk/db/.new ] || { echo repaired; retried 8000 as_root apk fix; }
          """;

  @Override
  public String name() {
    return "apk";
  }

  @Override
  public Script repair() {
    return Script.of(REPAIR, List.of());
  }

  @Override
  public Script refresh() {
    return Script.of(REFRESH, List.of());
  }

  @Override
  public List<String> unreachable(String output) {
    return PackageManager.found(UNREACHABLE, output);
  }

  @Override
  public boolean knowsSecurity() {
    return false;
  }

  @Override
  public Script pending(boolean securityOnly) {
    return Script.of(PENDING, List.of());
  }

  @Override
  public Pending read(String output, boolean securityOnly) {
    var changes = new ArrayList<Change>();
    Matcher change = CHANGE.matcher(output);
    while (change.find()) {
      changes.add(
          change.group(1) == null
              ? new Change(change.group(4), "", change.group(5))
              : new Change(change.group(1), change.group(2), change.group(3)));
    }
    return new Pending(changes, List.of(), OptionalLong.empty());
  }

  @Override
  public Script download(boolean securityOnly, List<Change> changes) {
    return Script.of(":", List.of());
  }

  @Override
  public Script install(boolean securityOnly, List<Change> changes) {
    return Script.of(INSTALL, List.of());
  }

  @Override
  public Script clean() {
    return Script.of(CLEAN, List.of());
  }

  @Override
  public Script audit() {
    return Script.of(":", List.of());
  }

  @Override
  public int removed(String output) {
    return 0;
  }
}
