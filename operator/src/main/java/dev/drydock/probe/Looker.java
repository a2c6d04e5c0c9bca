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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Looks at one host and says what each demand came to: the same live and in a CronJob's pod. */
public final class Looker {
  private final HostShell shell;
  private final Network network;
  private final Database database;
  private final InstantSource time;

  /**
   * @param network asks what is not asked on the host itself
   * @param database asks databases, directly or through the host
   * @param time this process's clock, which a host's is held against
   */
  public Looker(HostShell shell, Network network, Database database, InstantSource time) {
    this.shell = shell;
    this.network = network;
    this.database = database;
    this.time = time;
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
   */
  public record Seen(
      Map<String, Finding> findings, String vitals, String work, List<Figure> figures)
      implements Sight {
    public Seen {
      findings = Map.copyOf(findings);
      figures = List.copyOf(figures);
    }

    public Seen(Map<String, Finding> findings, String vitals, String work) {
      this(findings, vitals, work, List.of());
    }
  }

  /** It did not. */
  public record Unseen(String message) implements Sight {}

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
      HostAccess host, Map<String, Demand> demands, Credentials credentials, Duration deadline) {
    var logins = Logins.read(demands.values(), credentials);
    var possible = new LinkedHashMap<String, Demand>();
    demands.forEach((key, demand) -> possible.put(key, logins.settle(demand)));
    return look(host, possible, logins, deadline);
  }

  private Sight look(
      HostAccess host, Map<String, Demand> demands, Logins logins, Duration deadline) {
    var means = new Outsider.Means(network, database, shell, host);
    Outsider outsider = Outsider.start(means, demands.values(), logins, deadline);
    try {
      Instant sent = time.instant();
      var script = HostLook.script(demands.values(), logins, deadline);
      return switch (shell.look(host, script, deadline)) {
        case HostShell.Failed failed -> new Unseen(failed.message());
        case HostShell.Completed completed -> {
          Instant received = time.instant();
          Look look =
              HostLook.read(
                  demands.values(),
                  completed.output(),
                  outsider.collect(deadline.minus(completed.took())),
                  new Look.Timing(sent, received));
          var findings = new LinkedHashMap<String, Finding>();
          demands.forEach((key, demand) -> findings.put(key, Evaluation.of(demand, look)));
          yield new Seen(
              findings,
              Evaluation.vitals(look),
              look.work().map(Work::holder).orElse(""),
              Figures.of(demands, findings, look));
        }
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Unseen("the look was ended");
    } finally {
      outsider.stop();
    }
  }
}
