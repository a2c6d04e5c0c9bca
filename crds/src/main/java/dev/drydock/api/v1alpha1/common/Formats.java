package dev.drydock.api.v1alpha1.common;

/** The regular expressions that the schemas use for text with a form. */
public final class Formats {
  /** As in Go, with days: {@code 90s}, {@code 1h30m}, {@code 30d}. */
  public static final String DURATION = "^([0-9]{1,6}(ms|s|m|h|d)){1,4}$";

  /** A DNS label (RFC 1123), as Kubernetes names objects. */
  public static final String NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

  /** A DNS name or an IP address; nothing that a command line could take for an option. */
  public static final String ADDRESS = "^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?$";

  /** A POSIX user name (useradd(8)). */
  public static final String USER = "^[a-z_][a-z0-9_.-]*$";

  private static final String IN_PATH = "[^/\\x00-\\x1f\\x7f]";

  /** An absolute path without control characters and without a segment {@code ..}. */
  public static final String ABSOLUTE_PATH =
      "^(/(\\.|\\.?[^/.\\x00-\\x1f\\x7f]" + IN_PATH + "*|\\.\\." + IN_PATH + "+)?)+$";

  public static final String HTTP_URL = "^https?://[^\\s/@?#]+([/?#]\\S*)?$";

  /** A systemd unit's name (systemd.unit(5)); {@code .service} may be left out. */
  public static final String UNIT = "^[A-Za-z0-9:_.\\\\][A-Za-z0-9:_.\\\\@-]*$";

  public static final String DECIMAL = "^[0-9]{1,6}(\\.[0-9]{1,4})?$";

  /** A name of the IANA time zone database, such as Etc/UTC or Europe/Berlin. */
  public static final String TIME_ZONE = "^(UTC|GMT|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z0-9_+-]+){1,2})$";

  public static final String HOST_KEY =
      "^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]{40,}={0,2}( .*)?$";

  public static final String DATE_TIME =
      "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$";

  public static final String QUANTITY = "^[0-9]+(\\.[0-9]+)?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$";

  private static final String STEP = "(/[1-9][0-9]?)?";
  private static final String M = "[0-5]?[0-9]";
  private static final String MINUTE = "((\\*|" + M + "(-" + M + ")?)" + STEP + ")";
  private static final String H = "([01]?[0-9]|2[0-3])";
  private static final String HOUR = "((\\*|" + H + "(-" + H + ")?)" + STEP + ")";
  private static final String D = "(0?[1-9]|[12][0-9]|3[01])";
  private static final String DAY = "((\\*|\\?|LW?|" + D + "(W|-" + D + ")?)" + STEP + ")";
  private static final String MO =
      "(0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)";
  private static final String MONTH = "((\\*|" + MO + "(-" + MO + ")?)" + STEP + ")";
  private static final String W = "([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)";
  private static final String WEEKDAY = "((\\*|\\?|" + W + "(L|#[1-5]|-" + W + ")?)" + STEP + ")";

  /** Five fields as in crontab(5), with names, and Quartz's {@code ?}, L, W and #n; or a macro. */
  public static final String CRON =
      "^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|"
          + (MINUTE + "(," + MINUTE + ")* ")
          + (HOUR + "(," + HOUR + ")* ")
          + (DAY + "(," + DAY + ")* ")
          + (MONTH + "(," + MONTH + ")* ")
          + (WEEKDAY + "(," + WEEKDAY + ")*")
          + ")$";

  /** CEL: the 30th or 31st of months that are too short for it. */
  public static final String CRON_FIRES =
      "!self.matches('^[^ ]+ [^ ]+ (30|31|30,31|31,30|30-31) (0?2|FEB) [*?]$') &&"
          + " !self.matches('^[^ ]+ [^ ]+ 31 (0?[2469]|11|FEB|APR|JUN|SEP|NOV)"
          + "(,(0?[2469]|11|FEB|APR|JUN|SEP|NOV))* [*?]$')";

  public static final String CRON_FIRES_MESSAGE =
      "this schedule never fires: the day does not exist in these months; use L for the last day";

  private Formats() {}
}
