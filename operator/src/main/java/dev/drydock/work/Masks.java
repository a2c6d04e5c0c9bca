package dev.drydock.work;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Takes out of text from hosts what looks like a credential, before people see it. Pure. */
public final class Masks {
  private static final int LINE = 4000;
  private static final String NAME =
      "(?i)([A-Z0-9_.-]{0,64}(?:KEY|TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIALS?|PWD))";

  private record Mask(Pattern pattern, String replacement) {}

  private static final List<Mask> MASKS =
      List.of(
          // scheme://user:password@host
          new Mask(Pattern.compile("(://)[^\\s/@\"']{1,512}@"), "$1…@"),
          new Mask(
              Pattern.compile("(?i)\\b(Bearer|Basic|Digest|Token)[ ]{1,4}[A-Za-z0-9._~+/=-]{8,}"),
              "$1 …"),
          // NAME=value, "name": "value", --name value
          new Mask(
              Pattern.compile(
                  NAME + "([\"']?[ ]{0,4}[=:][ ]{0,4})(\"[^\"]*\"?|'[^']*'?|[^\\s,;&\"']+)"),
              "$1$2…"),
          new Mask(Pattern.compile("(--?)" + NAME + "[ ]{1,4}(?!-)\\S+"), "$1$2 …"));

  private static final Pattern KEY =
      Pattern.compile("(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[^-]*");

  private Masks() {}

  /** The same text without them. */
  public static String mask(String text) {
    return KEY.matcher(text)
        .replaceAll("$1…")
        .lines()
        .map(Masks::line)
        .collect(Collectors.joining("\n"));
  }

  private static String line(String line) {
    String masked = line.length() > LINE ? line.substring(0, LINE) : line;
    for (Mask mask : MASKS) {
      masked = mask.pattern().matcher(masked).replaceAll(mask.replacement());
    }
    return masked;
  }
}
