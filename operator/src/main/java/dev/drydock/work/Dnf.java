package dev.drydock.work;

import dev.drydock.port.Script;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Fedora, Red Hat and their kin. */
record Dnf() implements PackageManager {
  /** dnf(8): there are updates. */
  private static final int SOME = 100;

  private static final Pattern UNREACHABLE =
      Pattern.compile("(?m)(?:Failed to download metadata for repo|Error: repo:?) '([^']+)'");
  private static final Pattern REMOVED =
      Pattern.compile("(?mi)^(?:Remove|Removing:?) +([0-9]{1,6})");
  private static final String AVAILABLE = "@available";
  private static final String INSTALLED = "@installed";

  private static final String REFRESH =
      Shell.COMMON + "retried 16000 as_root env LC_ALL=C dnf -q makecache\n";

  private static final String PENDING =
      Shell.COMMON
          + """
          [ "$1" = all ] || security=--security
          echo @available
          text=$(kept 200000 as_root env LC_ALL=C dnf -q check-update $security)
          status=$?
          printf '%s\\n' "$text"
          echo @installed
          rpm -q --qf '%{NAME}.%{ARCH} %{EPOCHNUM}:%{VERSION}-%{RELEASE}\\n' \\
            $(printf '%s\\n' "$text" | awk 'NF == 0 { next } /^Obsoleting/ { exit } NF == 3 { print $1 }')
          exit "$status"
          """;

  private static final String DOWNLOAD =
      Shell.COMMON
          + """
          [ "$1" = all ] || security=--security
          kept 16000 as_root env LC_ALL=C dnf -y -q upgrade --downloadonly $security
          """;

  private static final String INSTALL =
      Shell.COMMON
          + """
          [ "$1" = all ] || security=--security
          kept 16000 as_root env LC_ALL=C dnf -y -q upgrade $security
          """;

  private static final String CLEAN =
      Shell.COMMON
          + """
          kept 8000 as_root env LC_ALL=C dnf -y autoremove || exit $?
          kept 2000 as_root env LC_ALL=C dnf -q clean packages
          """;

  @Override
  public String name() {
    return "dnf";
  }

  /** RPM's transactions need no mending that is safe without a person. */
  @Override
  public Script repair() {
    return Script.of(":", List.of());
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
  public Script pending(boolean securityOnly) {
    return Script.of(PENDING, List.of(scope(securityOnly)));
  }

  @Override
  public boolean isAnswer(int status) {
    return status == 0 || status == SOME;
  }

  @Override
  public Pending read(String output, boolean securityOnly) {
    int middle = output.indexOf(INSTALLED);
    String available = middle < 0 ? output : output.substring(0, middle);
    Map<String, String> installed = new HashMap<>();
    if (middle >= 0) {
      for (String line : output.substring(middle).lines().toList()) {
        String[] words = line.strip().split(" ", -1);
        if (words.length == 2) {
          installed.put(words[0], words[1].replaceFirst("^0:", ""));
        }
      }
    }
    var changes = new ArrayList<Change>();
    for (String line : available.replace(AVAILABLE, "").lines().toList()) {
      if (line.startsWith("Obsoleting")) {
        break;
      }
      String[] words = line.strip().split("\\s+", -1);
      if (words.length == 3 && words[0].contains(".")) {
        changes.add(
            new Change(
                words[0].substring(0, words[0].lastIndexOf('.')),
                installed.getOrDefault(words[0], ""),
                words[1]));
      }
    }
    return new Pending(changes, List.of(), OptionalLong.empty());
  }

  @Override
  public Script download(boolean securityOnly, List<Change> changes) {
    return Script.of(DOWNLOAD, List.of(scope(securityOnly)));
  }

  @Override
  public Script install(boolean securityOnly, List<Change> changes) {
    return Script.of(INSTALL, List.of(scope(securityOnly)));
  }

  private static String scope(boolean securityOnly) {
    return securityOnly ? "security" : "all";
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
    return PackageManager.number(REMOVED, output);
  }
}
