package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Formats;
import dev.drydock.kernel.CronSchedule;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a crontab(5) asks for. Variables that its lines set are set for the commands below them, and
 * {@code CRON_TZ} is the time zone of the schedules below it.
 *
 * @param remarks on lines, in their order
 */
public record Crontab(List<Entry> entries, List<Remark> remarks) {
  /** Nothing is due before it; it takes part in no outcome. */
  private static final Instant ANY = Instant.parse("2026-01-01T00:00:00Z");

  private static final int LONGEST_COMMAND = 4096;
  private static final int LONGEST_NAME = 50;
  private static final Pattern VARIABLE =
      Pattern.compile("(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\\1\\s*=\\s*(.*)");
  private static final Pattern FIELD =
      Pattern.compile("(([0-9*?,/L#-]|SUN|MON|TUE|WED|THU|FRI|SAT)+)", Pattern.CASE_INSENSITIVE);
  private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=\\S*");
  private static final Pattern A_WEEK = Pattern.compile("(1-7|8-14|15-21|22-28|25-31)");
  private static final Pattern ONE_WEEKDAY = Pattern.compile("[0-7]|[A-Z]{3}");

  private static final List<String> WEEKDAYS =
      List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

  /** Words that say how a command is run, not what it does. */
  private static final Set<String> WRAPPERS =
      Set.of(
          "sudo", "env", "nice", "ionice", "nohup", "exec", "time", "timeout", "flock", "command",
          "bash", "sh", "dash", "zsh", "python", "python3", "perl", "ruby", "node", "php", "test",
          "[", "cd", "chronic", "setsid");

  /** Programs whose next word says what they do. */
  private static final Set<String> PROGRAMS_OF_MANY =
      Set.of(
          "pm2",
          "apt",
          "apt-get",
          "systemctl",
          "docker",
          "docker-compose",
          "git",
          "npm",
          "certbot",
          "snap",
          "kubectl",
          "restic",
          "podman",
          "service");

  public Crontab {
    entries = List.copyOf(entries);
    remarks = List.copyOf(remarks);
  }

  /**
   * One command, and when it runs.
   *
   * @param name made from the command, unique in the crontab, a DNS label
   * @param timeZone that of {@code CRON_TZ}, or null
   * @param command for /bin/sh, with the variables that it needs
   */
  public record Entry(
      String name,
      String schedule,
      @Nullable String timeZone,
      @Nullable String user,
      String command) {}

  /**
   * Something to know about a line.
   *
   * @param isLost true: the line, or part of it, is not in the entries
   */
  public record Remark(int line, boolean isLost, String text) {}

  /** Where the reading of a crontab stands. */
  private static final class Reader {
    final List<Entry> entries = new ArrayList<>();
    final List<Remark> remarks = new ArrayList<>();
    final Set<String> names = new LinkedHashSet<>();
    final Map<String, String> variables = new LinkedHashMap<>();
    @Nullable String timeZone;
    int line;

    void note(String text) {
      remarks.add(new Remark(line, false, text));
    }

    void lose(String text) {
      remarks.add(new Remark(line, true, text));
    }
  }

  /** A line that can't be an entry; the message says why. */
  private static final class Inexpressible extends Exception {
    private static final long serialVersionUID = 1L;

    Inexpressible(String message) {
      super(message);
    }
  }

  /**
   * Reads a crontab.
   *
   * @param isSystem whether a user's name stands before each command, as in /etc/crontab
   * @param user the one that all others run as, or null for the Host's own
   * @param longest how long a name may be
   */
  public static Crontab read(String text, boolean isSystem, @Nullable String user, int longest) {
    var reader = new Reader();
    for (String line : text.lines().toList()) {
      reader.line++;
      String stripped = line.strip();
      if (stripped.isEmpty() || stripped.startsWith("#")) {
        continue;
      }
      Matcher variable = VARIABLE.matcher(stripped);
      if (variable.matches()) {
        set(reader, variable.group(2), unquoted(variable.group(3).strip()));
        continue;
      }
      try {
        entry(reader, stripped, isSystem, user, Math.min(longest, LONGEST_NAME));
      } catch (Inexpressible e) {
        reader.lose(String.valueOf(e.getMessage()));
      }
    }
    return new Crontab(reader.entries, reader.remarks);
  }

  private static void set(Reader reader, String name, String value) {
    switch (name) {
      case "CRON_TZ" -> {
        if (value.isEmpty() || isZone(value)) {
          reader.timeZone = value.isEmpty() ? null : value;
        } else {
          reader.lose(
              "'" + value + "' is not a time zone: the schedules below keep the one before");
        }
      }
      case "MAILTO" -> {
        if (!value.isEmpty()) {
          reader.lose(
              "no output is mailed to "
                  + value
                  + ": set spec.notify with a NotificationChannel of type email");
        }
      }
      case "RANDOM_DELAY" -> reader.lose("there is no RANDOM_DELAY: spread the minutes by hand");
      default -> {
        if (name.equals("TZ")) {
          reader.note("TZ is the commands' own time zone; that of the schedules is CRON_TZ");
        }
        reader.variables.put(name, value);
      }
    }
  }

  /** Whether a name is one of a time zone that the API admits. */
  public static boolean isZone(String name) {
    return name.matches(Formats.TIME_ZONE) && ZoneId.getAvailableZoneIds().contains(name);
  }

  private static void entry(
      Reader reader, String line, boolean isSystem, @Nullable String everyUser, int longest)
      throws Inexpressible {
    // cronie: a minus says that the run is not logged.
    String rest = line.startsWith("-") ? line.substring(1) : line;
    boolean isMacro = rest.startsWith("@");
    String[] words = rest.split("\\s+", isMacro ? 2 : 6);
    if (words.length < (isMacro ? 2 : 6)) {
      throw new Inexpressible("this is neither an entry nor a variable");
    }
    String schedule = isMacro ? words[0] : fields(words);
    String command = words[words.length - 1];
    @Nullable String user = everyUser;
    if (isSystem) {
      String[] parts = command.split("\\s+", 2);
      if (parts.length < 2) {
        throw new Inexpressible("there is no command after the user's name");
      }
      user = parts[0];
      command = parts[1];
    } else if (!isMacro && FIELD.matcher(command.split("\\s+", 2)[0]).matches()) {
      throw new Inexpressible("it has more than five fields: there are no schedules with seconds");
    }
    check(schedule);
    if (user != null && !(user.matches(Formats.USER) && user.length() <= 32)) {
      throw new Inexpressible("'" + user + "' is not a user's name");
    }
    String run = withVariables(reader.variables, plain(command));
    if (run.length() > LONGEST_COMMAND) {
      throw new Inexpressible("the command is too long: put it into a script on the host");
    }
    if (run.indexOf('\0') >= 0) {
      throw new Inexpressible("the command has a character 0 in it");
    }
    remarkOnDays(reader, schedule);
    reader.entries.add(
        new Entry(unique(reader, name(command), longest), schedule, reader.timeZone, user, run));
  }

  private static String fields(String[] words) {
    return String.join(" ", List.of(words).subList(0, 5)).toUpperCase(Locale.ROOT);
  }

  private static void check(String schedule) throws Inexpressible {
    if (schedule.equals("@reboot")) {
      throw new Inexpressible(
          "there is no @reboot: make it a systemd unit on the host (systemctl enable)");
    }
    if (schedule.contains("~")) {
      throw new Inexpressible("there are no random times such as 0~59: choose one");
    }
    if (!schedule.matches(Formats.CRON)) {
      throw new Inexpressible("'" + schedule + "' is not a schedule that Drydock has");
    }
    checkDays(schedule);
    try {
      if (CronSchedule.parse(schedule, "Etc/UTC").next(ANY).isEmpty()) {
        throw new Inexpressible("'" + schedule + "' never comes");
      }
    } catch (IllegalArgumentException e) {
      throw new Inexpressible(String.valueOf(e.getMessage()));
    }
  }

  /** To cron, days of the month and weekdays of which one begins with a star mean "and". */
  private static void checkDays(String schedule) throws Inexpressible {
    String[] fields = schedule.split(" ", -1);
    if (fields.length == 5
        && (fields[2].startsWith("*") || fields[4].startsWith("*"))
        && restricts(fields[2])
        && restricts(fields[4])) {
      throw new Inexpressible(
          "cron means both: only the days that "
              + fields[2]
              + " and "
              + fields[4]
              + " name alike; write, for example, "
              + String.join(" ", fields[0], fields[1], "?", fields[3], "SUN#1")
              + " for the first Sunday of a month, or have the command look at the date");
    }
  }

  private static boolean restricts(String days) {
    return Arrays.stream(days.split(",", -1)).noneMatch(part -> part.matches("[*?](/1)?"));
  }

  /** A backslash before it keeps a percent sign; without one it begins the command's input. */
  private static String plain(String command) throws Inexpressible {
    if (Pattern.compile("(?<!\\\\)%").matcher(command).find()) {
      throw new Inexpressible(
          "a % begins the command's standard input, and commands have none here: put it into a"
              + " script on the host, or write \\% if a percent sign is meant");
    }
    return command.replace("\\%", "%").strip();
  }

  private static String withVariables(Map<String, String> variables, String command) {
    String shell = variables.getOrDefault("SHELL", "/bin/sh");
    String run =
        shell.equals("/bin/sh") ? command : "exec " + quoted(shell) + " -c " + quoted(command);
    String exports =
        variables.entrySet().stream()
            .filter(variable -> !Set.of("SHELL", "LOGNAME", "USER").contains(variable.getKey()))
            .map(variable -> variable.getKey() + "=" + quoted(variable.getValue()))
            .collect(Collectors.joining(" "));
    String home = variables.containsKey("HOME") ? "cd && " : "";
    return exports.isEmpty() ? run : "export " + exports + "; " + home + run;
  }

  private static String quoted(String value) {
    return value.matches("[A-Za-z0-9_/:.,@+-]+") ? value : "'" + value.replace("'", "'\\''") + "'";
  }

  private static String unquoted(String value) {
    boolean isQuoted =
        value.length() >= 2
            && (value.startsWith("\"") || value.startsWith("'"))
            && value.charAt(0) == value.charAt(value.length() - 1);
    return isQuoted ? value.substring(1, value.length() - 1) : value;
  }

  private static void remarkOnDays(Reader reader, String schedule) {
    String[] fields = schedule.split(" ", -1);
    if (fields.length != 5 || isAny(fields[2]) || isAny(fields[4])) {
      return;
    }
    if (A_WEEK.matcher(fields[2]).matches() && ONE_WEEKDAY.matcher(fields[4]).matches()) {
      int first = Integer.parseInt(fields[2].substring(0, fields[2].indexOf('-')));
      String weekday = weekday(fields[4]);
      String meant = first == 25 ? weekdayNumber(weekday) + "L" : weekday + "#" + (first / 7 + 1);
      reader.note(
          "it runs on each of the days "
              + fields[2]
              + " and on every "
              + weekday
              + "; if the "
              + (first == 25
                  ? "last"
                  : List.of("first", "second", "third", "fourth").get(first / 7))
              + " "
              + weekday
              + " of the month is meant, write: "
              + String.join(" ", fields[0], fields[1], "?", fields[3], meant));
    } else {
      reader.note("it runs on the days of either field, as in crontab(5)");
    }
  }

  private static boolean isAny(String field) {
    return field.startsWith("*") || field.startsWith("?");
  }

  private static String weekday(String text) {
    return WEEKDAYS.contains(text) ? text : WEEKDAYS.get(Integer.parseInt(text) % 7);
  }

  private static int weekdayNumber(String weekday) {
    return WEEKDAYS.indexOf(weekday);
  }

  /** What the command is about: its program, and what that does where it does many things. */
  private static String name(String command) {
    List<String> words =
        Pattern.compile("[\\s;&|()<>\"'`]+")
            .splitAsStream(command)
            .filter(w -> !w.isEmpty())
            .toList();
    String last = "task";
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      String base = word.substring(word.lastIndexOf('/') + 1);
      boolean isPath = word.contains("/");
      boolean says =
          !word.startsWith("-")
              && !word.startsWith("$")
              && !ASSIGNMENT.matcher(word).matches()
              && !base.matches("[^A-Za-z0-9]*|[0-9.]*[smhd]?")
              && !WRAPPERS.contains(base)
              && !(i > 0
                  && isPath
                  && List.of("cd", "flock", "-x", "-f", "-d", "-n")
                      .contains(base(words.get(i - 1))));
      if (says) {
        boolean more =
            PROGRAMS_OF_MANY.contains(base)
                && i + 1 < words.size()
                && words.get(i + 1).matches("[a-z][a-z-]*");
        return slug(
            more ? base + "-" + words.get(i + 1) : base.replaceFirst("\\.[A-Za-z0-9]{1,4}$", ""));
      }
      last = base;
    }
    return slug(last);
  }

  private static String base(String word) {
    return word.substring(word.lastIndexOf('/') + 1);
  }

  private static String slug(String text) {
    String slug =
        text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
    return slug.isEmpty() ? "task" : slug;
  }

  private static String unique(Reader reader, String name, int longest) {
    String unique = cut(name, longest);
    for (int i = 2; !reader.names.add(unique); i++) {
      String suffix = "-" + i;
      unique = cut(name, longest - suffix.length()) + suffix;
    }
    return unique;
  }

  private static String cut(String name, int length) {
    return name.length() <= length ? name : name.substring(0, length).replaceAll("-+$", "");
  }
}
