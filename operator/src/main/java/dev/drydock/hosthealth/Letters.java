package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Fingerprint;
import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert;
import dev.drydock.port.Alert.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What people are told of an alert. Pure. */
final class Letters {
  private Letters() {}

  /**
   * That it has begun.
   *
   * @param remark comes before what is wrong; may be empty
   */
  static Alert firing(
      HostHealthPolicy policy, String host, AlertState alert, String remark, String vitals) {
    return letter(policy, host, alert, Phase.FIRING, remark, vitals, null, null);
  }

  /** That it goes on; {@code remark} as above. */
  static Alert repeated(
      HostHealthPolicy policy, String host, AlertState alert, String remark, String vitals) {
    return letter(
        policy, host, alert, Phase.REPEATED, remark, vitals, null, instant(alert.lastTold()));
  }

  static Alert resolved(HostHealthPolicy policy, String host, AlertState alert, String vitals) {
    return letter(
        policy, host, alert, Phase.RESOLVED, "", vitals, instant(alert.fineSince()), null);
  }

  private static Alert letter(
      HostHealthPolicy policy,
      String host,
      AlertState alert,
      Phase phase,
      String remark,
      String vitals,
      @Nullable Instant endedAt,
      @Nullable Instant toldBefore) {
    String namespace = policy.getMetadata().getNamespace();
    String name = policy.getMetadata().getName();
    String source = "HostHealthPolicy/" + namespace + "/" + name;
    return new Alert(
        Fingerprint.of(source, host, alert.check()),
        phase,
        Severity.of(alert.severity().name()),
        source,
        host + ": " + alert.check() + ": " + remark + text(alert, endedAt),
        vitals,
        Map.of("namespace", namespace, "policy", name, "host", host, "check", alert.check()),
        Instant.parse(alert.since()),
        endedAt,
        toldBefore);
  }

  /** What is wrong; or, once that is over, that it is. */
  static String text(AlertState alert, @Nullable Instant endedAt) {
    return endedAt == null
        ? String.valueOf(alert.message())
        : "fine again after "
            + Durations.text(Duration.between(Instant.parse(alert.since()), endedAt))
            + "; it was: "
            + alert.message();
  }

  static @Nullable Instant instant(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }
}
