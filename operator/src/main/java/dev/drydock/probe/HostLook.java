package dev.drydock.probe;

import dev.drydock.kernel.Fingerprint;
import dev.drydock.port.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One script that asks a host everything that a set of demands needs to know, each thing once, in
 * one round trip.
 */
public final class HostLook {
  /** No more bytes of one answer than these. */
  static final int PAGE = 64 * 1024;

  private static final int GLANCE = 1024;
  private static final int PAGES = 160 * 1024;
  private static final int SPARE_SECONDS = 2;

  /** How long an answer of Prometheus may take. */
  static final long PROMETHEUS_MILLIS = 4000;

  /** How long each answer of a beacon node may take. */
  static final long BEACON_MILLIS = 3000;

  private static final Duration LONG = Duration.ofMinutes(1);

  private HostLook() {}

  /** The script for {@code demands}, with all the time it may need. */
  public static Script script(Collection<Demand> demands) {
    return script(demands, LONG);
  }

  /** The script for {@code demands}; what does not fit into {@code deadline} is not asked. */
  public static Script script(Collection<Demand> demands, Duration deadline) {
    return script(demands, Logins.NONE, deadline);
  }

  static Script script(Collection<Demand> demands, Logins logins, Duration deadline) {
    return script(demands, logins, deadline, deadline);
  }

  /**
   * @param left of {@code deadline} once it is sent; a fair share is one of the whole, so that
   *     nobody is blamed for what came before
   */
  static Script script(
      Collection<Demand> demands, Logins logins, Duration left, Duration deadline) {
    var asks = new LinkedHashMap<String, List<String>>();
    Set<String> units = units(demands);
    if (!units.isEmpty()) {
      asks.put("units", List.of("units", String.join("\n", units)));
    }
    boolean clock = false;
    boolean pm2 = false;
    long pages = Math.max(1, demands.stream().mapToInt(HostLook::pages).sum());
    String page = Long.toString(Math.min(PAGE, PAGES / pages));
    for (Demand demand : demands) {
      switch (demand) {
        case Demand.Units wanted -> {
          if (wanted.failedAbove() != null) {
            asks.put("failed", List.of("failed"));
          }
        }
        case Demand.Disk disk -> asks.put(disk(disk.path()), List.of("disk", disk.path()));
        case Demand.Pm2 wanted -> {
          pm2 = true;
          clock = true;
          asks.put("pm2", List.of("pm2"));
          if (wanted.withinSeconds() != null) {
            asks.put(
                starts(wanted.withinSeconds()), List.of("starts", "" + wanted.withinSeconds()));
          }
        }
        case Demand.Http http when http.viaHost() ->
            asks.put(
                page(http.url(), true, http.timeoutMillis(), PAGE),
                List.of("http", http.url(), seconds(http.timeoutMillis()), page, ""));
        case Demand.Urls urls when urls.viaHost() ->
            urls.urls()
                .forEach(
                    url ->
                        asks.put(
                            page(url, true, urls.timeoutMillis(), GLANCE),
                            List.of("http", url, seconds(urls.timeoutMillis()), "" + GLANCE, "")));
        case Demand.Prometheus query when query.viaHost() ->
            asks.put(
                page(Urls.query(query), true, PROMETHEUS_MILLIS, PAGE),
                List.of("http", Urls.query(query), seconds(PROMETHEUS_MILLIS), page, ""));
        case Demand.BeaconNode node when node.viaHost() ->
            asks.put(
                beacon(node),
                List.of(
                    "beacon", Urls.base(node.url()), seconds(BEACON_MILLIS), page, indices(node)));
        case Demand.Logs logs -> {
          pm2 = pm2 || logs.pm2() != null;
          asks.put(logs(logs), words(logs));
        }
        case Demand.Redis redis when redis.viaHost() -> {
          Logins.Login login = logins.redis(redis.passwordSecret());
          asks.put(
              redis(redis),
              List.of(
                  "redis",
                  redis.host(),
                  "" + redis.port(),
                  redis.tls() ? "yes" : "no",
                  login.user(),
                  login.password()));
        }
        case Demand.Command command -> {
          var words = new ArrayList<String>();
          words.add("command");
          words.add(seconds(command.timeoutMillis()));
          words.add(command.outputMatches() == null ? "" : command.outputMatches());
          words.addAll(command.command());
          asks.put(command(command), words);
        }
        case Demand.Sysctl sysctl ->
            asks.put(sysctl(sysctl.key()), List.of("sysctl", path(sysctl.key())));
        case Demand.FileState file -> {
          clock = true;
          asks.put(file(file.path()), List.of("file", file.path()));
        }
        case Demand.Certificate certificate when certificate.file() != null ->
            asks.put(certificate(certificate.file()), List.of("certificate", certificate.file()));
        case Demand.TimeOffset _ -> {
          clock = true;
          asks.put("time", List.of("time"));
        }
        case Demand.Memory _, Demand.Load _, Demand.Swap _ -> {
          // Every look brings these along.
        }
        case Demand.Http _, Demand.Urls _, Demand.Prometheus _, Demand.BeaconNode _ -> {
          // Asked from here.
        }
        case Demand.Redis _, Demand.Certificate _, Demand.Postgresql _ -> {
          // Asked from here.
        }
        case Demand.Refused _ -> {
          // Not asked at all.
        }
      }
    }
    var words = new ArrayList<String>();
    words.add(Long.toString(budget(left)));
    words.add(Long.toString(budget(deadline) * 2 / 5));
    words.add((clock ? "clock " : "") + (pm2 ? "pm2" : ""));
    asks.forEach(
        (key, ask) -> {
          words.add(ask.getFirst());
          words.add(key);
          words.add(Integer.toString(ask.size() - 1));
          words.addAll(ask.subList(1, ask.size()));
        });
    return Script.of(HostScript.LOOK, words);
  }

  /** Of a second that has begun all counts: some of it is gone already when a script is sent. */
  private static long budget(Duration time) {
    return Math.max(1, time.plusMillis(999).toSeconds() - SPARE_SECONDS);
  }

  private static int pages(Demand demand) {
    return switch (demand) {
      case Demand.Http http when http.viaHost() -> 1;
      case Demand.Prometheus query when query.viaHost() -> 1;
      case Demand.BeaconNode node when node.viaHost() -> 3;
      default -> 0;
    };
  }

  private static String seconds(long millis) {
    return Long.toString(Math.max(1, (millis + 999) / 1000));
  }

  private static List<String> words(Demand.Logs logs) {
    String since = Long.toString(logs.sinceSeconds());
    if (logs.pm2() != null) {
      return List.of("logpm2", logs.pm2(), logs.pattern(), since);
    }
    return logs.journal() != null
        ? List.of("journal", withSuffix(logs.journal()), logs.pattern(), since)
        : List.of("logfile", Objects.requireNonNull(logs.file()), logs.pattern(), since);
  }

  /** As the beacon API writes them: an array of text; empty if there are none. */
  static String indices(Demand.BeaconNode node) {
    return node.validators().isEmpty()
        ? ""
        : node.validators().stream()
            .map(index -> "\"" + index + "\"")
            .collect(Collectors.joining(",", "[", "]"));
  }

  /** sysctl(8): the separator that comes first stands for a directory, the other for itself. */
  private static String path(String key) {
    int dot = key.indexOf('.');
    int slash = key.indexOf('/');
    if (slash >= 0 && (dot < 0 || slash < dot)) {
      return "/proc/sys/" + key;
    }
    return "/proc/sys/" + key.replace('.', '\0').replace('/', '.').replace('\0', '/');
  }

  /** What the script for {@code demands} printed, for {@link Evaluation}. */
  public static Look read(Collection<Demand> demands, String output) {
    return new Look(Parsers.sections(output), List.copyOf(units(demands)));
  }

  /** The same, with what was asked from here at the same time. */
  static Look read(
      Collection<Demand> demands, String output, Look.Outside outside, Look.Timing timing) {
    return new Look(
        Parsers.sections(output), List.copyOf(units(demands)), outside, Optional.of(timing));
  }

  /** The name of the section that tells of the file system of {@code path}. */
  static String disk(String path) {
    return "disk:" + Fingerprint.of(path);
  }

  static String starts(long seconds) {
    return "starts:" + seconds;
  }

  /** The name of an answer by HTTP, wherever it was asked from. */
  static String page(String url, boolean viaHost, long timeoutMillis, int cap) {
    return "http:" + Fingerprint.of(url, "" + viaHost, "" + timeoutMillis, "" + cap);
  }

  /** The name of an answer of which only the status counts. */
  static String glance(String url, Demand.Urls urls) {
    return page(url, urls.viaHost(), urls.timeoutMillis(), GLANCE);
  }

  static String beacon(Demand.BeaconNode node) {
    return "beacon:" + Fingerprint.of(node.url(), "" + node.viaHost(), indices(node));
  }

  static String logs(Demand.Logs logs) {
    return "logs:" + Fingerprint.of(words(logs).toArray(String[]::new));
  }

  static String redis(Demand.Redis redis) {
    return "redis:"
        + Fingerprint.of(
            redis.host(),
            "" + redis.port(),
            "" + redis.tls(),
            "" + redis.viaHost(),
            String.valueOf(redis.passwordSecret()));
  }

  static String database(Demand.Postgresql database) {
    return "database:" + Fingerprint.of(database.secretName(), "" + database.viaHost());
  }

  static String command(Demand.Command command) {
    return "command:"
        + Fingerprint.of(
            String.valueOf(command.outputMatches()),
            "" + command.timeoutMillis(),
            Fingerprint.of(command.command().toArray(String[]::new)));
  }

  static String sysctl(String key) {
    return "sysctl:" + Fingerprint.of(key);
  }

  static String file(String path) {
    return "file:" + Fingerprint.of(path);
  }

  static String certificate(String file) {
    return "certificate:" + Fingerprint.of(file);
  }

  /** All units that are asked for, with their suffix, in the order of the section. */
  static Set<String> units(Collection<Demand> demands) {
    var units = new LinkedHashSet<String>();
    for (Demand demand : demands) {
      if (demand instanceof Demand.Units wanted) {
        wanted.active().forEach(unit -> units.add(withSuffix(unit)));
      }
    }
    return units;
  }

  /** systemctl(1): a name without a suffix is a service's. */
  public static String withSuffix(String unit) {
    return unit.matches(
            ".*\\.(service|socket|target|timer|mount|path|slice|scope|device|swap|automount)")
        ? unit
        : unit + ".service";
  }
}
