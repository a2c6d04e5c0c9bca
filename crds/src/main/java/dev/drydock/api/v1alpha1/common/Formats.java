package dev.drydock.api.v1alpha1.common;

/** The regular expressions that the schemas use for text with a form. */
public final class Formats {
  /** As in Go, with days: {@code 90s}, {@code 1h30m}, {@code 30d}. */
  public static final String DURATION = "^([0-9]{1,6}(ms|s|m|h|d)){1,4}$";

  /** As in Go; without days, so that the API server can compare it. */
  public static final String HOURS = "^([0-9]{1,6}(s|m|h)){1,3}$";

  /** A DNS label (RFC 1123), as Kubernetes names objects. */
  public static final String NAME = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

  /** A Service's name (RFC 1035): a letter comes first. */
  public static final String SERVICE_NAME = "^[a-z]([-a-z0-9]*[a-z0-9])?$";

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

  /** CEL: fails where the API server's own database does not know the zone. */
  public static final String TIME_ZONE_EXISTS =
      "timestamp('2026-01-01T00:00:00Z').getFullYear(self) > 2000";

  public static final String TIME_ZONE_EXISTS_MESSAGE =
      "name a zone of the IANA time zone database, such as Etc/UTC or Europe/Berlin";

  public static final String HOST_KEY =
      "^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]{40,}={0,2}( .*)?$";

  public static final String DATE_TIME =
      "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

  /** CEL: no February 30 or June 31, and February 29 in leap years alone. */
  public static final String DATE_EXISTS =
      "!self.matches('^....-(02-3|(04|06|09|11)-31)') && (!self.matches('^....-02-29') ||"
          + " self.matches('^([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)'))";

  public static final String DATE_EXISTS_MESSAGE =
      "there is no such day in the calendar: correct the date";

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

  /** CEL: no range that ends before it begins, as in 22-2. */
  public static final String CRON_RANGES =
      "self.findAll('[ ,][0-9]+-[0-9]+').all(r, int(r.find('[0-9]+')) <= int(r.find('[0-9]+$')))"
          + " && (!self.matches('^[0-9]+-[0-9]+') || int(self.find('^[0-9]+')) <="
          + " int(self.find('^[0-9]+-[0-9]+').find('[0-9]+$')))";

  public static final String CRON_RANGES_MESSAGE =
      "a range ends before it begins: write 22-23,0-2 instead of 22-2";

  private static final String SEGMENT =
      "(\\.|\\.?[^/.\\x00-\\x1f\\x7f]" + IN_PATH + "*|\\.\\." + IN_PATH + "+)";

  /** A path below another one, without a segment {@code ..}. */
  public static final String RELATIVE_PATH = "^" + SEGMENT + "(/" + SEGMENT + "?)*$";

  /** A path of either kind, without a segment {@code ..}. */
  public static final String PATH = "^/?" + SEGMENT + "(/" + SEGMENT + "?)*$";

  /** A container image, with its registry, tag and digest. */
  public static final String IMAGE =
      "^[a-z0-9]([a-z0-9._-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]([a-z0-9._-]*[a-z0-9])?)*"
          + "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$";

  /** As in Go, for short times. */
  public static final String MINUTES = "^([0-9]{1,6}(s|m)){1,2}$";

  /** With days, and for nothing shorter than a minute. */
  public static final String DAYS = "^([0-9]{1,6}(m|h|d)){1,3}$";

  /** A DNS subdomain (RFC 1123), as Secrets and claims are named. */
  public static final String OBJECT_NAME = "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$";

  /** A key in the data of a Secret or ConfigMap. */
  public static final String DATA_KEY = "^[-._a-zA-Z0-9]+$";

  /** The name of an environment variable. */
  public static final String VARIABLE = "^[A-Za-z_][A-Za-z0-9_.-]*$";

  public static final String MAIL_ADDRESS = "^[^\\s@<>,;]+@[^\\s@<>,;]+$";

  /** A commit, tag or branch; nothing that git could take for an option. */
  public static final String GIT_REVISION = "^[A-Za-z0-9_]([A-Za-z0-9._/+-]*[A-Za-z0-9_+-])?$";

  /** What comes after the host in a URL. */
  public static final String URL_PATH = "^/[^\\s#]*$";

  public static final String NUMBER = "^-?[0-9]+(\\.[0-9]+)?$";

  /** The name of a PM2 process. */
  public static final String PROCESS = "^[A-Za-z0-9_.@][A-Za-z0-9_.@ -]*$";

  /** The name of a kernel parameter (sysctl(8)). */
  public static final String PARAMETER = "^[a-z0-9_-]+([./][A-Za-z0-9_:-]+)+$";

  /** Text without control characters. */
  public static final String ONE_LINE = "^[^\\x00-\\x1f]*$";

  /** Text of any number of lines that says something. */
  public static final String NOT_BLANK = "^[^\\x00]*[^\\s\\x00][^\\x00]*$";

  public static final String JSON_PATH = "^\\$(\\.[A-Za-z_][A-Za-z0-9_-]*|\\[[0-9]+\\])*$";

  /** A host name and a port. */
  public static final String SERVER = "^[A-Za-z0-9][A-Za-z0-9.-]*:[0-9]{1,5}$";

  public static final String REDIS_URL = "^rediss?://[^\\s/@]+(:[0-9]{1,5})?(/[0-9]{1,2})?$";

  /** A server by its URL, without a path. */
  public static final String ENDPOINT = "^https?://[^\\s/@?#]+/?$";

  /** The name of a bucket of S3. */
  public static final String BUCKET = "^[a-z0-9][a-z0-9.-]*[a-z0-9]$";

  /** Where in a bucket something is. */
  public static final String PREFIX =
      "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$";

  public static final String REGION = "^[a-z0-9-]+$";

  /** The name of a table, which needs no quotes. */
  public static final String TABLE = "^[A-Za-z_][A-Za-z0-9_]*$";

  public static final String FILE_NAME = "^[A-Za-z0-9_][A-Za-z0-9_.-]*$";

  /** Without credentials, and no transport that runs commands. */
  public static final String GIT_URL =
      "^(https?://[^\\s/@?#]+|ssh://([A-Za-z0-9_.-]+@)?[^\\s/@?#:]+(:[0-9]{1,5})?|file://)"
          + "/[^\\s?#]+$";

  private Formats() {}
}
