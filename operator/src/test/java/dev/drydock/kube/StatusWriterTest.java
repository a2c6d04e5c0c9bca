package dev.drydock.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.host.HostStatus;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StatusWriterTest {
  private static ApiServer api;

  private final RequestLimit limit = new RequestLimit(1);

  @BeforeAll
  static void start() {
    api = ApiServer.start();
    api.applyCrds();
  }

  @AfterAll
  static void end() {
    api.close();
  }

  @Test
  void writesTheStatusAndLeavesTheRest() {
    StatusWriter<Host, HostStatus> statuses = statuses();
    Host host = host();
    host.getMetadata().getLabels().put("tier", "not in the cluster");
    assertThat(statuses.write(host, status("a"))).isTrue();
    Host written = statuses.freshest(host);
    assertThat(written.getStatus()).isEqualTo(status("a"));
    assertThat(written.getSpec()).isEqualTo(host.getSpec());
    assertThat(written.getMetadata().getLabels()).containsOnlyKeys("site");
    assertThat(statuses.write(written, status("a"))).as("nothing is new").isFalse();
    assertThatThrownBy(() -> statuses.write(host, status("b")))
        .as("it was changed since")
        .isInstanceOf(StatusWriter.OutdatedException.class);
  }

  @Test
  void nothingIsDoneOfWhatIsGoneSinceItsIntentIsNotWritten() {
    StatusWriter<Host, HostStatus> statuses = statuses();
    Host host = host();
    api.client().resource(host).delete();
    assertThatThrownBy(() -> statuses.write(host, status("a")))
        .isInstanceOf(StatusWriter.OutdatedException.class);
  }

  @Test
  void onceTheOperatorStopsNothingIsJudgedOrWritten() {
    StatusWriter<Host, HostStatus> statuses = statuses();
    Host host = host();
    limit.close();
    assertThatThrownBy(() -> statuses.freshest(host))
        .isInstanceOf(RequestLimit.ClosedException.class);
    assertThatThrownBy(() -> statuses.write(host, status("a")))
        .isInstanceOf(RequestLimit.ClosedException.class);
    assertThat(api.client().resource(host).get().getStatus()).isNull();
    assertThat(StatusWriter.onError(host, new RequestLimit.ClosedException()).isNoRetry()).isTrue();
  }

  private StatusWriter<Host, HostStatus> statuses() {
    return new StatusWriter<>(api.client(), limit, Host::new, Host::setStatus);
  }

  private static HostStatus status(String fingerprint) {
    return new HostStatus(null, List.of(), null, fingerprint, null);
  }

  private static Host host() {
    String namespace = api.freshNamespace();
    return api.client()
        .resource(
            new KubernetesSerialization()
                .unmarshal(
                    """
                    apiVersion: drydock.dev/v1alpha1
                    kind: Host
                    metadata: {name: one, labels: {site: berlin}}
                    spec:
                      address: 192.0.2.1
                      user: ops
                      identity: {secretName: key}
                      hostKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGRyeWRvY2stZXhhbXBsZS1rZXktbm90LWEtc2VjcmV0]
                    """,
                    Host.class))
        .inNamespace(namespace)
        .create();
  }
}
