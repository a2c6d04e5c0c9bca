package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.common.HostSelection;
import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Resources as people write them. */
final class Fixtures {
  static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  /** Of hosts that are looked at each minute. */
  static final Flapping FLAPPING = Flapping.of(policy("interval: 1m\n").getSpec());

  private Fixtures() {}

  static Check check(String name, Severity severity, String pending, String clearing) {
    return Serialization.unmarshal(
        """
        ---
        {name: %s, severity: %s, for: %s, clearFor: %s, load: {above: "4.0"}}
        """
            .formatted(name, severity, pending, clearing),
        Check.class);
  }

  static HostSelection names(String... names) {
    return new HostSelection(List.of(names), null);
  }

  static HostSelection selector(String yaml) {
    return Serialization.unmarshal("selector: " + yaml, HostSelection.class);
  }

  static Host host(String name, String labels, String more) {
    return Serialization.unmarshal(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: Host
        metadata: {name: %s, namespace: ns, labels: %s}
        spec:
          address: 192.0.2.1
          user: drydock
          identity: {secretName: key}
          hostKeys: [ssh-ed25519 AAAA]
          %s
        """
            .formatted(name, labels, more),
        Host.class);
  }

  static HostHealthPolicy policy(String spec) {
    return Serialization.unmarshal(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata:
          name: fleet
          namespace: ns
          uid: u-1
          creationTimestamp: "2026-11-23T00:00:00Z"
        spec:
          hosts: {names: [a, b]}
          checks:
          - {name: load, severity: Warning, load: {above: "4.0"}}
        """
            + spec.indent(2),
        HostHealthPolicy.class);
  }

  static HostHealthPolicyStatus status(@Nullable String lastLook) {
    return status(lastLook, null, List.of());
  }

  static HostHealthPolicyStatus status(
      @Nullable String lastLook, @Nullable String acknowledged, List<HostState> hosts) {
    return new HostHealthPolicyStatus(
        1L,
        List.of(),
        null,
        null,
        lastLook,
        null,
        null,
        acknowledged,
        hosts,
        List.of(),
        List.of(),
        List.of());
  }

  static AlertState alert(Phase phase, Instant since, @Nullable Instant fineSince) {
    return new AlertState(
        "load",
        Severity.Warning,
        phase,
        since.toString(),
        fineSince == null ? null : fineSince.toString(),
        "9",
        "load is 9",
        null,
        List.of(),
        List.of(),
        null,
        null,
        List.of());
  }

  static AlertState told(AlertState alert, List<String> told, List<String> toldResolved) {
    return new AlertState(
        alert.check(),
        alert.severity(),
        alert.phase(),
        alert.since(),
        alert.fineSince(),
        alert.value(),
        alert.message(),
        alert.remedy(),
        told,
        toldResolved,
        told.isEmpty() ? null : NOON.toString(),
        alert.failingSince(),
        alert.owed());
  }

  static HostState host(String name, AlertState... alerts) {
    return new HostState(
        name,
        State.Degraded,
        null,
        null,
        null,
        List.of(alerts),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }
}
