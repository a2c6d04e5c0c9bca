package dev.drydock.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.HostShell.Failure;
import dev.drydock.probe.HostFacts;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostReportTest {
  private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");

  private final Host host =
      Serialization.unmarshal(
          """
          apiVersion: drydock.dev/v1alpha1
          kind: Host
          metadata: {name: a, namespace: ns, generation: 1}
          spec:
            address: 192.0.2.1
            user: drydock
            sudo: Passwordless
            identity: {secretName: key}
            hostKeys: [ssh-ed25519 AAAA]
          """,
          Host.class);

  @Test
  void saysThatSudoIsRefusedAndWhenItIsNotAnyMore() {
    assertThat(probe("@sudo 1\n").reason()).isEqualTo("SudoRefused");
    assertThat(conditions()).contains("Stalled=True SudoRefused");
    assertThat(probe("@sudo 0\n").reason()).isEqualTo("ProbeSucceeded");
    assertThat(conditions()).noneMatch(condition -> condition.startsWith("Stalled"));
    assertThat(probe("@sudo 127\n").reason()).isEqualTo("SudoRefused");
  }

  @ParameterizedTest
  @ValueSource(strings = {"@sudo 124\n", "@sudo 137\n", ""})
  void aSudoThatDoesNotAnswerInTimeChangesNothing(String late) {
    probe("@sudo 0\n");
    assertThat(probe(late).reason()).isEqualTo("ProbeSucceeded");
    assertThat(conditions()).noneMatch(condition -> condition.startsWith("Stalled"));

    probe("@sudo 1\n");
    assertThat(probe(late).reason()).isEqualTo("SudoRefused");
    assertThat(conditions()).contains("Stalled=True SudoRefused");

    look(new HostSight.Unanswered(new Failed(Failure.UNREACHABLE, "no route to host")));
    Condition unknown = probe(late);
    assertThat(unknown.status()).isEqualTo("False");
    assertThat(unknown.reason()).isEqualTo("SudoTimedOut");
    assertThat(unknown.message()).contains("sudo", "in time");
    assertThat(probe(late)).isEqualTo(unknown);
    assertThat(conditions()).noneMatch(condition -> condition.startsWith("Stalled"));
  }

  private Condition probe(String output) {
    return look(
        new HostSight.Probed(
            HostFacts.read(output), Duration.ofSeconds(1), "SHA256:key", Optional.empty()));
  }

  private Condition look(HostSight sight) {
    host.setStatus(HostReport.status(host, sight, NOON));
    return host.getStatus().conditions().stream()
        .filter(condition -> condition.type().equals("Ready"))
        .findFirst()
        .orElseThrow();
  }

  private List<String> conditions() {
    return host.getStatus().conditions().stream()
        .map(condition -> condition.type() + "=" + condition.status() + " " + condition.reason())
        .toList();
  }
}
