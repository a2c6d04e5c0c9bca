package dev.drydock.probe;

import dev.drydock.kernel.Work;
import dev.drydock.port.Credentials;
import dev.drydock.port.Database;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostShell;
import dev.drydock.port.Network;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks at one host and says what each demand came to: the same live and in a CronJob's pod. */
public final class Looker {
  private final HostShell shell;
  private final Network network;
  private final Database database;
  private final InstantSource time;
  private final boolean excuses;

  /**
   * @param network asks what is not asked on the host itself
   * @param database asks databases, directly or through the host
   * @param time this process's clock, which a host's is held against
   */
  public Looker(HostShell shell, Network network, Database database, InstantSource time) {
    this(shell, network, database, time, true);
  }

  private Looker(
      HostShell shell, Network network, Database database, InstantSource time, boolean excuses) {
    this.shell = shell;
    this.network = network;
    this.database = database;
    this.time = time;
    this.excuses = excuses;
  }

  /**
   * One that excuses nothing by planned work: for whoever does that work, to see what came of it.
   */
  public Looker amidWork() {
    return new Looker(shell, network, database, time, false);
  }

  /** What a look came to. */
  public sealed interface Sight {}

  /**
   * The host answered.
   *
   * @param findings by the demand's key
   * @param vitals load, memory and swap in one line, then one for each PM2 process; may be empty
   * @param work who does planned work there now; may be empty
   * @param figures all that was measured
   * @param missed keys of the demands whose logs there was no time to read
   */
  public record Seen(
      Map<String, Finding> findings,
      String vitals,
      String work,
      List<Figure> figures,
      Set<String> missed)
      implements Sight {
    public Seen {
      findings = Map.copyOf(findings);
      figures = List.copyOf(figures);
      missed = Set.copyOf(missed);
    }

    public Seen(Map<String, Finding> findings, String vitals, String work) {
      this(findings, vitals, work, List.of());
    }

    public Seen(Map<String, Finding> findings, String vitals, String work, List<Figure> figures) {
      this(findings, vitals, work, figures, Set.of());
    }
  }

  /** It did not. */
  public record Unseen(String message) implements Sight {}

  /** What a closer look came to. */
  public sealed interface CloserSight {}

  /**
   * The host answered.
   *
   * @param offenders names of the PM2 processes that are at fault, where the demand is of them
   * @param measured the figure that is compared with itself over time; null: there is none
   */
  public record Close(
      Finding finding, List<String> offenders, String vitals, @Nullable Double measured)
      implements CloserSight {
    public Close {
      offenders = List.copyOf(offenders);
    }

    /** The same with another finding. */
    public Close judged(Finding other) {
      return new Close(other, offenders, vitals, measured);
    }
  }

  /** It did not. */
  public record TooFar(String message) implements CloserSight {}

  /** The same without a password for anything. */
  public Sight look(HostAccess host, Map<String, Demand> demands, Duration deadline) {
    return look(host, demands, Credentials.NONE, deadline);
  }

  /**
   * Asks everything in one round trip, and what is not asked on the host at the same time; returns
   * within {@code deadline} and a second.
   *
   * @param credentials where the passwords are that demands name
   */
  public Sight look(
      HostAccess host, Map<String, Demand> given, Credentials credentials, Duration deadline) {
    var logins = Logins.read(given.values(), credentials);
    var demands = new LinkedHashMap<String, Demand>();
    given.forEach((key, demand) -> demands.put(key, logins.settle(demand)));
    return switch (ask(host, demands.values(), logins, deadline)) {
      case Nothing(String message) -> new Unseen(message);
      case Something(Look look) -> {
        var findings = new LinkedHashMap<String, Finding>();
        var missed = new HashSet<String>();
        demands.forEach(
            (key, demand) -> {
              findings.put(key, Evaluation.of(demand, look));
              if (demand instanceof Demand.Logs logs && HostChecks.isMissed(logs, look)) {
                missed.add(key);
              }
            });
        yield new Seen(
            findings,
            Evaluation.vitals(look),
            look.work().map(Work::holder).orElse(""),
            Figures.of(demands, findings, look),
            missed);
      }
    };
  }

  /**
   * Asks one thing for whoever works on the host: what is wrong is wrong, whoever causes it.
   * Returns within {@code deadline} and a second.
   */
  public CloserSight lookCloser(
      HostAccess host, Demand given, Credentials credentials, Duration deadline) {
    var logins = Logins.read(List.of(given), credentials);
    Demand demand = logins.settle(given);
    return switch (ask(host, List.of(demand), logins, deadline)) {
      case Nothing(String message) -> new TooFar(message);
      case Something(Look look) -> {
        Look sober = look.withoutWork();
        Finding finding = Evaluation.of(demand, sober);
        yield new Close(
            finding,
            Evaluation.offenders(demand, sober),
            Evaluation.vitals(sober),
            Figures.of(Map.of("", demand), Map.of("", finding), sober).stream()
                .filter(Figure::isCompared)
                .map(Figure::value)
                .findFirst()
                .orElse(null));
      }
    };
  }

  private sealed interface Asked {}

  private record Something(Look look) implements Asked {}

  private record Nothing(String message) implements Asked {}

  private Asked ask(HostAccess host, Collection<Demand> demands, Logins logins, Duration deadline) {
    var means = new Outsider.Means(network, database, shell, host);
    Outsider outsider = Outsider.start(means, demands, logins, deadline);
    try {
      Instant sent = time.instant();
      return switch (shell.look(
          host, left -> HostLook.script(demands, logins, left, deadline), deadline)) {
        case HostShell.Failed failed -> new Nothing(failed.message());
        case HostShell.Completed completed -> {
          Instant received = time.instant();
          Look seen =
              HostLook.read(
                  demands,
                  completed.output(),
                  outsider.collect(deadline.minus(completed.took())),
                  new Look.Timing(sent, received));
          yield new Something(excuses ? seen : seen.withoutWork());
        }
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Nothing("the look was ended");
    } finally {
      outsider.stop();
    }
  }

  /** The same for demands that no host needs to be asked for; each of the others is Unknown. */
  public Map<String, Finding> lookFromHere(
      Map<String, Demand> demands, Credentials credentials, Duration deadline) {
    var logins = Logins.read(demands.values(), credentials);
    var possible = new LinkedHashMap<String, Demand>();
    demands.forEach((key, demand) -> possible.put(key, logins.settle(demand)));
    var means = new Outsider.Means(network, database, shell, null);
    Outsider outsider = Outsider.start(means, possible.values(), logins, deadline);
    var findings = new LinkedHashMap<String, Finding>();
    try {
      Instant sent = time.instant();
      Look look =
          HostLook.read(
              possible.values(),
              "",
              outsider.collect(deadline),
              new Look.Timing(sent, time.instant()));
      possible.forEach((key, demand) -> findings.put(key, Evaluation.of(demand, look)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      demands.keySet().forEach(key -> findings.put(key, new Finding.Unknown("the look was ended")));
    } finally {
      outsider.stop();
    }
    return findings;
  }
}
