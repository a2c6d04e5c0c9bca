package dev.drydock.probe;

import dev.drydock.kernel.Work;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostShell;
import dev.drydock.port.Network;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** Looks at one host and says what each demand came to: the same live and in a CronJob's pod. */
public final class Looker {
  private final HostShell shell;
  private final Network network;
  private final InstantSource time;

  /**
   * @param network asks what is not asked on the host itself
   * @param time this process's clock, which a host's is held against
   */
  public Looker(HostShell shell, Network network, InstantSource time) {
    this.shell = shell;
    this.network = network;
    this.time = time;
  }

  /** What a look came to. */
  public sealed interface Sight {}

  /**
   * The host answered.
   *
   * @param findings by the demand's key
   * @param vitals load, memory and swap in one line; may be empty
   * @param work who does planned work there now; may be empty
   */
  public record Seen(Map<String, Finding> findings, String vitals, String work) implements Sight {
    public Seen {
      findings = Map.copyOf(findings);
    }
  }

  /** It did not. */
  public record Unseen(String message) implements Sight {}

  /** Asks everything in one round trip; returns within {@code deadline} and a second. */
  public Sight look(HostAccess host, Map<String, Demand> demands, Duration deadline) {
    Outsider outsider = Outsider.start(network, demands.values(), deadline);
    try {
      Instant sent = time.instant();
      var script = HostLook.script(demands.values(), deadline);
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
              findings, Evaluation.vitals(look), look.work().map(Work::holder).orElse(""));
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
