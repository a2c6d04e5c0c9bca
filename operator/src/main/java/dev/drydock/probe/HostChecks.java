package dev.drydock.probe;

import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Sizes;
import dev.drydock.kernel.Text;
import dev.drydock.port.Network.Answer;
import dev.drydock.port.Network.Answered;
import dev.drydock.port.Network.Kind;
import dev.drydock.port.Network.Unanswered;
import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Finding.Unknown;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Logs, Redis, commands, kernel parameters, files and certificates. Pure. */
final class HostChecks {
  private static final int QUOTED = 80;
  private static final int MISSING = 3;
  private static final int BAD_PATTERN = 65;
  private static final int FORBIDDEN = 66;
  private static final int NO_NODE = 68;
  private static final int NO_PROCESS = 69;
  private static final int NO_UNIT = 70;

  private static final Pattern COUNTS =
      Pattern.compile("count ([0-9]{1,9})\ncut ([01])\nundated ([01])\\s*");
  private static final Pattern RAN = Pattern.compile("([0-9]{1,3}) ([01]) ([0-9]{1,5})\n");
  private static final Pattern STATE = Pattern.compile("([0-9]{1,18}) (-?[0-9]{1,12}) ([^\n]+)");
  private static final Pattern CLIENTS = Pattern.compile("connected_clients:([0-9]{1,9})");
  private static final Pattern MOST =
      Pattern.compile("maxclients(?::|\r?\n(?:\\$[0-9]+\r?\n)?)([0-9]{1,9})");

  /** By its protocol, or as redis-cli prints it. */
  private static final Pattern REFUSAL =
      Pattern.compile(
          "^(?:AUTH failed: )?-?(NOAUTH|NOPERM|WRONGPASS|ERR invalid password)\\b",
          Pattern.MULTILINE);

  private static final Pattern NETWORK =
      Pattern.compile(
          "refused|resolve|not known|unreachable|timed out|no route|nothing came",
          Pattern.CASE_INSENSITIVE);

  private HostChecks() {}

  /** Whether lines may stand there that this look had no time to read. */
  static boolean isMissed(Demand.Logs demand, Look look) {
    try {
      return look.section(HostLook.logs(demand)).isLate();
    } catch (Unreadable e) {
      return true;
    }
  }

  static Finding logs(Demand.Logs demand, Look look) throws Unreadable {
    String where =
        demand.pm2() != null
            ? "the PM2 logs of " + demand.pm2()
            : demand.journal() != null ? "the journal of " + demand.journal() : demand.file();
    Look.Section section = look.section(HostLook.logs(demand));
    String problem =
        switch (section.status()) {
          case BAD_PATTERN -> "the pattern is no POSIX extended regular expression: correct it";
          case FORBIDDEN ->
              "the SSH user may not read "
                  + where
                  + (demand.journal() != null ? ": add it to the group systemd-journal" : "");
          case MISSING ->
              demand.pm2() != null ? "PM2 does not run for the SSH user" : where + " is no file";
          case NO_NODE -> "there is no node beside pm2 to read its list with";
          case NO_PROCESS -> "PM2 has no process " + demand.pm2() + " with a log";
          case NO_UNIT ->
              "the host has no unit "
                  + demand.journal()
                  + ", and its journal no line of it: correct it";
          case 127 -> "the host does not have the command that reads " + where;
          case 124, 137 -> "to read " + where + " took too long";
          default -> "";
        };
    if (!problem.isEmpty()) {
      return new Unknown(problem);
    }
    Matcher counts = COUNTS.matcher(look.text(section.name()));
    if (!counts.matches()) {
      throw new Unreadable("the lines of " + where + " could not be counted");
    }
    long count = Long.parseLong(counts.group(1));
    boolean isCut = counts.group(2).equals("1");
    String value = (isCut ? "at least " : "") + count + (count == 1 ? " line" : " lines");
    if (count <= demand.above()) {
      return isCut && demand.extent() != Demand.Logs.Extent.NEWEST
          ? new Unknown(
              "only the newest part of "
                  + where
                  + " is read, and lines of the last "
                  + Durations.text(Duration.ofSeconds(demand.sinceSeconds()))
                  + " may stand before it: set a shorter since"
                  + (demand.journal() != null ? "" : ", or have times written into it"))
          : new Fine(value);
    }
    return new Bad(
        value,
        value
            + " of "
            + where
            + (count == 1 ? " matches " : " match ")
            + Text.line(demand.pattern(), QUOTED)
            + (counts.group(3).equals("1")
                ? " (lines without a time count, however old)"
                : " within " + Durations.text(Duration.ofSeconds(demand.sinceSeconds())))
            + (isCut ? ", in the newest part of a long log" : "")
            + "; the limit is "
            + demand.above());
  }

  static Finding redis(Demand.Redis demand, Look look) throws Unreadable {
    String server = "Redis at " + demand.host() + ":" + demand.port();
    String said;
    Answer<String> talk = look.outside().talks().get(HostLook.redis(demand));
    switch (talk) {
      case Answered<String>(String text) -> said = text;
      case Unanswered<String>(Kind kind, String message) -> {
        return kind == Kind.NOT_ASKED
            ? new Unknown(message)
            : new Bad("no answer", server + " does not answer: " + message);
      }
      case null -> {
        Pages.Ended ended = Pages.ended(look.section(HostLook.redis(demand)));
        if (ended.status() == 127) {
          return new Unknown("the host has neither redis-cli nor bash to ask with");
        }
        if (ended.status() == Look.NO_TIME) {
          return new Unknown(Look.NO_TIME_LEFT);
        }
        said = ended.output();
        if (ended.status() != 0 && !CLIENTS.matcher(said).find() && !REFUSAL.matcher(said).find()) {
          return new Bad(
              "no answer",
              server
                  + " does not answer"
                  + (ended.status() == 124 ? " in time" : ": " + quoted(demand, said)));
        }
      }
    }
    Matcher clients = CLIENTS.matcher(said);
    if (!clients.find()) {
      Matcher refusal = REFUSAL.matcher(said);
      return refusal.find()
          ? refused(demand, server, refusal.group(1))
          : new Bad("no answer", server + " does not answer: " + quoted(demand, said));
    }
    long connected = Long.parseLong(clients.group(1));
    OptionalLong most = most(said);
    String value = connected + (most.isPresent() ? " of " + most.getAsLong() : "") + " clients";
    Integer limit = demand.clientsPercentAbove();
    if (limit == null) {
      return new Fine(value);
    }
    if (most.isEmpty()) {
      return new Unknown(server + " does not tell its maxclients");
    }
    return 100 * connected > limit * most.getAsLong()
        ? new Bad(value, server + " has " + value + "; the limit is " + limit + " %")
        : new Fine(value);
  }

  private static OptionalLong most(String said) {
    Matcher most = MOST.matcher(said);
    return most.find() && Long.parseLong(most.group(1)) > 0
        ? OptionalLong.of(Long.parseLong(most.group(1)))
        : OptionalLong.empty();
  }

  private static Finding refused(Demand.Redis demand, String server, String word) {
    String secret = demand.passwordSecret();
    if (word.equals("NOPERM")) {
      return demand.clientsPercentAbove() == null
          ? new Fine("answers")
          : new Unknown(server + " does not let this user ask: allow it INFO and CONFIG GET");
    }
    if (secret != null) {
      return new Bad(
          "login refused",
          server + " refuses the user or password of the Secret " + secret + ": correct it");
    }
    return demand.clientsPercentAbove() == null
        ? new Fine("answers, and asks for a password")
        : new Bad("login refused", server + " asks for a password: name it in passwordSecret");
  }

  /** What a server says to a password that it does not understand may repeat it. */
  private static String quoted(Demand.Redis demand, String said) {
    String first = said.strip().lines().findFirst().orElse("nothing came");
    return demand.passwordSecret() == null || NETWORK.matcher(first).find()
        ? Text.line(first, QUOTED)
        : "what answers does not speak as Redis does";
  }

  static Finding command(Demand.Command demand, Look look) throws Unreadable {
    String program = Text.line(String.join(" ", demand.command()), QUOTED);
    Look.Section section = look.section(HostLook.command(demand));
    if (section.status() == BAD_PATTERN) {
      return new Unknown("outputMatches is no POSIX extended regular expression: correct it");
    }
    String text = look.text(section.name());
    Matcher ran = RAN.matcher(text);
    if (!ran.lookingAt()) {
      throw new Unreadable("nobody knows how " + program + " ended");
    }
    int status = Integer.parseInt(ran.group(1));
    String output = Text.line(text.substring(ran.end()), 2 * QUOTED);
    String said = output.isEmpty() ? "" : ": " + output;
    if (status != demand.exitCode()) {
      return switch (status) {
        case 124, 137 ->
            new Bad(
                "not in time",
                program + " did not end within " + time(demand, Long.parseLong(ran.group(3))));
        case 127 -> new Bad("not found", program + " is not found on the host");
        case 126 -> new Bad("not run", program + " can't be run on the host");
        default ->
            new Bad(
                "status " + status,
                program
                    + " ended with status "
                    + status
                    + " instead of "
                    + demand.exitCode()
                    + said);
      };
    }
    if (ran.group(2).equals("1")) {
      return new Bad(
          "other output",
          program
              + " printed nothing that matches "
              + Text.line(String.valueOf(demand.outputMatches()), QUOTED)
              + said);
    }
    return new Fine("status " + status);
  }

  /** How long a command had. */
  private static String time(Demand.Command demand, long seconds) {
    Duration timeout = Duration.ofMillis(demand.timeoutMillis());
    Duration had = Duration.ofSeconds(seconds);
    return had.compareTo(timeout) >= 0
        ? Durations.text(timeout)
        : Durations.text(had)
            + ", which is what spec.probe.timeout of the Host left of its "
            + Durations.text(timeout);
  }

  static Finding sysctl(Demand.Sysctl demand, Look look) throws Unreadable {
    Look.Section section = look.section(HostLook.sysctl(demand.key()));
    if (section.status() == 1) {
      return new Unknown(
          demand.key() + " can't be read: the host's kernel has no such parameter, or keeps it");
    }
    String value = spaced(look.text(section.name()));
    String shown = Text.line(value, QUOTED);
    return value.equals(spaced(demand.expect()))
        ? new Fine(shown)
        : new Bad(shown, demand.key() + " is " + shown + " instead of " + demand.expect());
  }

  /** The parameter's value: its numbers, or the text that it is. */
  static List<Figure> values(Demand.Sysctl demand, Look look) throws Unreadable {
    String value = spaced(look.text(HostLook.sysctl(demand.key())));
    String name = Text.line(demand.key(), QUOTED);
    if (!value.matches("-?[0-9]{1,18}( -?[0-9]{1,18}){0,9}")) {
      return List.of(new Figure(Metric.SYSCTL_TEXT, "", Map.of("name", name, "value", value), 1));
    }
    var figures = new ArrayList<Figure>();
    for (String number : value.split(" ", -1)) {
      var labels = Map.of("name", name, "index", Integer.toString(figures.size()));
      figures.add(new Figure(Metric.SYSCTL, "", labels, Long.parseLong(number)));
    }
    return figures;
  }

  private static String spaced(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }

  static Finding file(Demand.FileState demand, Look look) throws Unreadable {
    Look.Section section = look.section(HostLook.file(demand.path()));
    if (section.status() == 1) {
      if (section.text().contains("No such file") || section.text().contains("Not a directory")) {
        return new Bad("missing", demand.path() + " does not exist");
      }
      return new Unknown("the SSH user may not look at " + demand.path());
    }
    Matcher state = STATE.matcher(look.text(section.name()).strip());
    if (!state.matches()) {
      throw new Unreadable("stat printed '" + Text.line(section.text(), QUOTED) + "'");
    }
    long size = Long.parseLong(state.group(1));
    Instant changed = Instant.ofEpochSecond(Long.parseLong(state.group(2)));
    Duration age = Duration.between(changed, look.hostTime());
    String old = Durations.text(age.isNegative() ? Duration.ZERO : age);
    String value = Sizes.text(size) + ", changed " + old + " ago";
    if (demand.olderThanSeconds() != null
        && age.compareTo(Duration.ofSeconds(demand.olderThanSeconds())) > 0) {
      return new Bad(
          old + " old",
          demand.path()
              + " was last changed "
              + old
              + " ago; the limit is "
              + Durations.text(Duration.ofSeconds(demand.olderThanSeconds())));
    }
    boolean sized = demand.largerThanBytes() != null || demand.smallerThanBytes() != null;
    if (sized && !state.group(3).startsWith("regular")) {
      return new Unknown(
          demand.path() + " is a " + Text.line(state.group(3), QUOTED) + ", and has no size");
    }
    if (demand.largerThanBytes() != null && size > demand.largerThanBytes()) {
      return new Bad(
          Sizes.text(size),
          demand.path()
              + " has "
              + Sizes.text(size)
              + "; the limit is "
              + Sizes.text(demand.largerThanBytes()));
    }
    if (demand.smallerThanBytes() != null && size < demand.smallerThanBytes()) {
      return new Bad(
          Sizes.text(size),
          demand.path()
              + " has "
              + Sizes.text(size)
              + "; it must have "
              + Sizes.text(demand.smallerThanBytes()));
    }
    return new Fine(value);
  }

  static Finding certificate(Demand.Certificate demand, Look look) throws Unreadable {
    String address = demand.address();
    if (address != null) {
      return switch (look.outside().certificates().get(address)) {
        case Answered<Instant>(Instant end) -> expiry(demand, address, end, look.now());
        case Unanswered<Instant>(_, String message) ->
            new Unknown(address + " shows no certificate: " + message);
        case null -> new Unknown("certificates of servers can't be asked for from here");
      };
    }
    String file = Objects.requireNonNull(demand.file());
    Look.Section section = look.section(HostLook.certificate(file));
    return switch (section.status()) {
      case MISSING -> new Unknown(file + " does not exist, or the SSH user can't see it");
      case FORBIDDEN -> new Unknown("the SSH user may not read " + file);
      default -> expiry(demand, file, end(file, look.text(section.name())), look.now());
    };
  }

  private static Instant end(String file, String pem) throws Unreadable {
    try {
      var certificate =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
      if (certificate instanceof X509Certificate x509) {
        return x509.getNotAfter().toInstant();
      }
    } catch (CertificateException | RuntimeException e) {
      // Said below.
    }
    throw new Unreadable(file + " holds no certificate in PEM form");
  }

  private static Finding expiry(Demand.Certificate demand, String of, Instant end, Instant now) {
    Duration left = Duration.between(now, end);
    if (left.isNegative()) {
      String value = "expired " + Durations.text(left.negated()) + " ago";
      return new Bad(value, "the certificate of " + of + " has " + value);
    }
    String value = Durations.text(left) + " left";
    Duration limit = Duration.ofSeconds(demand.expiresWithinSeconds());
    return left.compareTo(limit) < 0
        ? new Bad(
            value,
            "the certificate of "
                + of
                + " expires in "
                + Durations.text(left)
                + "; the limit is "
                + Durations.text(limit))
        : new Fine(value);
  }

  /** How many lines matched. */
  static long lines(Demand.Logs demand, Look look) throws Unreadable {
    return Long.parseLong(read(COUNTS, look.text(HostLook.logs(demand))).group(1));
  }

  /** How the command ended. */
  static int status(Demand.Command demand, Look look) throws Unreadable {
    return Integer.parseInt(read(RAN, look.text(HostLook.command(demand))).group(1));
  }

  /** How large the file is, and when it was changed. */
  static List<Figure> state(String check, Demand.FileState demand, Look look) throws Unreadable {
    Matcher state = read(STATE, look.text(HostLook.file(demand.path())).strip());
    return List.of(
        Figure.ofCheck(Metric.FILE_SIZE, check, Long.parseLong(state.group(1))),
        Figure.ofCheck(Metric.FILE_CHANGED, check, Long.parseLong(state.group(2))));
  }

  /** The clients of a server, and how many it admits. */
  static List<Figure> clients(String check, Demand.Redis demand, Look look) throws Unreadable {
    String said =
        switch (look.outside().talks().get(HostLook.redis(demand))) {
          case Answered<String>(String text) -> text;
          case Unanswered<String>(_, String message) -> throw new Unreadable(message);
          case null -> Pages.ended(look.section(HostLook.redis(demand))).output();
        };
    var figures = new ArrayList<Figure>();
    Matcher clients = CLIENTS.matcher(said);
    if (clients.find()) {
      figures.add(Figure.ofCheck(Metric.REDIS_CLIENTS, check, Long.parseLong(clients.group(1))));
    }
    most(said)
        .ifPresent(most -> figures.add(Figure.ofCheck(Metric.REDIS_CLIENTS_MAX, check, most)));
    return figures;
  }

  /** When the certificate ends. */
  static Instant expiry(Demand.Certificate demand, Look look) throws Unreadable {
    String address = demand.address();
    if (address == null) {
      String file = Objects.requireNonNull(demand.file());
      return end(file, look.text(HostLook.certificate(file)));
    }
    return switch (look.outside().certificates().get(address)) {
      case Answered<Instant>(Instant end) -> end;
      case Unanswered<Instant>(_, String message) -> throw new Unreadable(message);
      case null -> throw new Unreadable("it was not asked for");
    };
  }

  private static Matcher read(Pattern pattern, String text) throws Unreadable {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.lookingAt()) {
      throw new Unreadable("it reads '" + Text.line(text, QUOTED) + "'");
    }
    return matcher;
  }
}
