package dev.drydock.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Files;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ClusterClientTest {
  private static ApiServer server;
  private static KubernetesClient client;

  @BeforeAll
  static void start() throws Exception {
    server = ApiServer.start();
    client = ClusterClient.create(server.config());
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  @Test
  void speaksTheCipherThatIsQuickWithoutTheSecondCompiler() throws Exception {
    var file = Files.createTempFile("handshakes", ".jfr");
    try (var recording = new Recording()) {
      recording.enable("jdk.TLSHandshake");
      recording.start();
      try (KubernetesClient fresh = ClusterClient.create(server.config())) {
        assertThat(fresh.getKubernetesVersion().getMajor()).isEqualTo("1");
      }
      recording.stop();
      recording.dump(file);
    }
    assertThat(RecordingFile.readAllEvents(file))
        .extracting(event -> event.getString("cipherSuite"))
        .containsOnly("TLS_CHACHA20_POLY1305_SHA256");
  }

  @Test
  void leavesToTheOthersWhatTheyOwn() {
    var map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName("shared")
            .withNamespace(server.freshNamespace())
            .endMetadata()
            .withData(Map.of("theirs", "1"))
            .build();
    server
        .client()
        .resource(map)
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("somebody")
                .build());

    ConfigMap read = client.resource(map).get();
    read.getData().put("mine", "2");
    client.resource(read).update();

    assertThat(read.getMetadata().getManagedFields())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.getManager()).isEqualTo("somebody");
              assertThat(entry.getTime()).isNotBlank();
              assertThat(entry.getFieldsV1()).isNull();
            });
    assertThat(server.client().resource(map).get().getMetadata().getManagedFields())
        .filteredOn(entry -> "somebody".equals(entry.getManager()))
        .singleElement()
        .extracting(ManagedFieldsEntry::getFieldsV1)
        .asString()
        .contains("f:theirs");
  }
}
