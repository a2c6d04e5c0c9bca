package dev.drydock.work;

import dev.drydock.kernel.Text;
import dev.drydock.port.Script;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a distribution brings its packages up to date. Scripts and parsers: pure. */
sealed interface PackageManager permits Apt, Dnf, Apk {
  /** Prints which of them a host has. */
  String DETECT =
      """
      for name in apt-get dnf apk; do
        if command -v "$name" >/dev/null; then
          echo "$name"
          exit 0
        fi
      done
      exit 127
      """;

  /** What the host's own one is called, as {@link #DETECT} printed it. */
  static Optional<PackageManager> named(String name) {
    return switch (name.strip()) {
      case "apt-get" -> Optional.of(new Apt());
      case "dnf" -> Optional.of(new Dnf());
      case "apk" -> Optional.of(new Apk());
      default -> Optional.empty();
    };
  }

  /** The command that people know. */
  String name();

  /** Mends what an earlier installation left undone; prints {@code repaired} if there was any. */
  Script repair();

  /** Asks the archives what is new. */
  Script refresh();

  /** Archives that did not answer, by what {@link #refresh} printed. */
  List<String> unreachable(String output);

  /** Asks what would be done, and does nothing. */
  Script pending(boolean securityOnly);

  /** What {@link #pending} printed, if its exit status is one that says so. */
  Pending read(String output, boolean securityOnly);

  /** Whether {@link #pending} did its work. */
  default boolean isAnswer(int status) {
    return status == 0;
  }

  /** Whether the archives tell security updates from others. */
  default boolean knowsSecurity() {
    return true;
  }

  /** Only fetches what {@link #install} needs. */
  Script download(boolean securityOnly, List<Change> changes);

  Script install(boolean securityOnly, List<Change> changes);

  /** Removes what nothing needs any more, and old package files. */
  Script clean();

  /** Prints packages that are half installed; nothing, if there are none. */
  Script audit();

  /** How many are removed, by what {@link #clean} printed. */
  int removed(String output);

  /**
   * A package that changes.
   *
   * @param from the version that is installed; empty if it is new
   */
  record Change(String name, String from, String to) {
    String text() {
      return name + (from.isEmpty() ? " " + to + " (new)" : " " + from + " → " + to);
    }
  }

  /**
   * What would be done.
   *
   * @param heldBack packages that have something new which is not installed
   * @param bytes to be fetched; empty: not known
   */
  record Pending(List<Change> changes, List<String> heldBack, OptionalLong bytes) {
    public Pending {
      changes = List.copyOf(changes);
      heldBack = List.copyOf(heldBack);
    }
  }

  /** What a failure means, and what to do; from what the command printed. */
  static String advice(String name, int status, String output) {
    if (output.contains("a password is required") || output.contains("sudo: not found")) {
      return "the SSH user can't become root by 'sudo -n': correct the host's sudoers";
    }
    if (output.contains("No space left") || output.contains("enough free space")) {
      return "the host's disk is full: free some space there";
    }
    if (output.contains("Could not get lock") || output.contains("locked by another process")) {
      return "something else installs packages there and did not end within 10m: "
          + last(output, 1);
    }
    return name + " ended with status " + status + ": " + last(output, 4);
  }

  /** The last lines that say something, in one. */
  static String last(String output, int count) {
    List<String> lines =
        output
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("N: "))
            .toList();
    List<String> errors = lines.stream().filter(ERROR.asPredicate()).toList();
    List<String> said = errors.isEmpty() ? lines : errors;
    return said.isEmpty()
        ? "it said nothing"
        : Text.line(
            String.join(" | ", said.subList(Math.max(0, said.size() - count), said.size())), 400);
  }

  Pattern ERROR = Pattern.compile("^(E: |dpkg: error|Error: |ERROR: |error: )");

  /** The distinct first groups of a pattern, in their order. */
  static List<String> found(Pattern pattern, String output) {
    return pattern.matcher(output).results().map(result -> result.group(1)).distinct().toList();
  }

  /** The number that a pattern finds; zero if it does not. */
  static int number(Pattern pattern, String output) {
    Matcher matcher = pattern.matcher(output);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }
}
