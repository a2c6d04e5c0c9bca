package dev.drydock.probe;

import dev.drydock.port.HostAccess;
import dev.drydock.port.HostShell;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Looks at one host and says what each demand came to: the same live and in a CronJob's pod. */
public final class Looker {
  private final HostShell shell;

  public Looker(HostShell shell) {
    this.shell = shell;
  }

  /** What a look came to. */
  public sealed interface Sight {}

  /**
   * The host answered.
   *
   * @param findings by the demand's key
   * @param vitals load, memory and swap in one line; may be empty
   */
  public record Seen(Map<String, Finding> findings, String vitals) implements Sight {
    public Seen {
      findings = Map.copyOf(findings);
    }
  }

  /** It did not. */
  public record Unseen(String message) implements Sight {}

  /** Asks everything in one round trip; returns within {@code deadline} and a second. */
  public Sight look(HostAccess host, Map<String, Demand> demands, Duration deadline) {
    return switch (shell.look(host, HostLook.script(demands.values()), deadline)) {
      case HostShell.Failed failed -> new Unseen(failed.message());
      case HostShell.Completed completed -> {
        Look look = HostLook.read(demands.values(), completed.output());
        var findings = new LinkedHashMap<String, Finding>();
        demands.forEach((key, demand) -> findings.put(key, Evaluation.of(demand, look)));
        yield new Seen(findings, Evaluation.vitals(look));
      }
    };
  }
}
