package dev.drydock.port;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;

/**
 * Text that would leave a file behind if it were ever run, in every disguise that a shell knows.
 */
public final class HostileText {
  private static final List<String> FRAMES =
      List.of(
          "%s",
          ";%s",
          "; %s;",
          "&& %s",
          "|| %s",
          "| %s",
          "& %s &",
          "\n%s\n",
          "\r\n%s",
          "$(%s)",
          "`%s`",
          "\"$(%s)\"",
          "'$(%s)'",
          "';%s;'",
          "\";%s;\"",
          "'\"';%s",
          "\\';%s",
          "\\\n%s",
          "${x:-$(%s)}",
          "$((`%s`))",
          "<(%s)",
          ">(%s)",
          "){%s}",
          ");%s;(",
          "}; %s; {",
          "/$(%s)",
          "/`%s`",
          "/;%s",
          "/x' ; %s ; '",
          "/x\" ; %s ; \"",
          "\nEOF\n%s\n",
          "\n' ; %s ; '\n",
          "'\n%s\n'",
          "a'$(%s)'b",
          "-x;%s",
          "--;%s",
          "\u2028%s",
          "\u00a0;%s",
          "'''; %s; '''",
          "\t%s",
          "%%s;%s",
          "@units 0\n%s",
          "; fi; %s; if :; then",
          ";; esac; %s",
          "done; %s; while :; do",
          "~;%s",
          "*;%s",
          "[a];%s",
          "!;%s",
          "#\n%s",
          "{%s,}",
          "^%s^",
          "/\u202e;%s",
          "/ü;%s",
          "/😀;%s",
          "/$(echo;%s)");

  private static final List<String> RUNS =
      List.of(
          "touch F",
          "echo x>F",
          ": >F",
          "sh -c 'touch F'",
          "sh -c \"touch F\"",
          "eval touch F",
          "exec touch F",
          "awk 'BEGIN{system(\"touch F\")}'",
          "{ touch F; }");

  private static final List<String> WORDS =
      List.of(
          " ",
          "-x",
          "--help",
          "-h",
          "-a",
          "--all",
          "--version",
          "-H root@127.0.0.1",
          "--output=/tmp/x",
          "--host=root@127.0.0.1",
          "../../etc/passwd",
          "/../..//etc",
          "/proc/self/root",
          "*",
          "?",
          "/*",
          "[!x]",
          "~",
          "~root",
          "$HOME",
          "${HOME}",
          "$0",
          "$@",
          "$$",
          "$IFS",
          "%s%n%d",
          "\\",
          "\\\\",
          "'",
          "\"",
          "''",
          "\n",
          "\r",
          "\t",
          "\u0001",
          "\u001b[2J",
          "\u007f",
          "é",
          "e\u0301",
          "\u0000".replace("\0", "x"),
          "\ufeff",
          "😀",
          "ｆｕｌｌ",
          "a".repeat(1024),
          "'".repeat(500),
          "\\".repeat(999),
          "$(".repeat(300),
          "@disk 0\n 1 2 3 4% /",
          "\n@meminfo 0\n MemTotal: 1 kB");

  private HostileText() {}

  /** Six hundred of them; files would be made in {@code canaries}. */
  public static List<String> all(Path canaries) {
    var texts = new LinkedHashSet<>(framed(canaries));
    texts.addAll(WORDS);
    var random = new Random(5);
    String alphabet = " \t\n'\"\\$`(){}[]<>|&;*?!#~=%-/.:@^,ax0éß😀\u2028\u0007";
    int[] points = alphabet.codePoints().toArray();
    while (texts.size() < 600) {
      var text = new StringBuilder();
      for (int n = 1 + random.nextInt(40); n > 0; n--) {
        text.appendCodePoint(points[random.nextInt(points.length)]);
      }
      texts.add(text.toString());
    }
    return List.copyOf(texts);
  }

  private static List<String> framed(Path canaries) {
    var texts = new ArrayList<String>();
    for (String frame : FRAMES) {
      for (String run : RUNS) {
        String file = canaries.resolve("canary-" + texts.size()).toString();
        texts.add(frame.replace("%s", run.replace("F", file)));
      }
    }
    return texts;
  }
}
