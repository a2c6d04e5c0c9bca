package dev.drydock.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ApiServerTest {
  @Test
  void survivesARestartAndLeavesNothingBehind() throws IOException {
    int port;
    try (ApiServer server = ApiServer.start()) {
      port = URI.create(server.url()).getPort();
      server.applyCrds();
      String namespace = server.freshNamespace();
      assertThat(server.freshNamespace()).isNotEqualTo(namespace);
      assertThat(server.writes()).isEmpty();

      KubernetesClient client = server.client();
      client.configMaps().inNamespace(namespace).resource(map()).create();
      var channel = new GenericKubernetesResource();
      channel.setApiVersion("drydock.dev/v1alpha1");
      channel.setKind("NotificationChannel");
      channel.setMetadata(new ObjectMetaBuilder().withName("ops").build());
      channel.setAdditionalProperty(
          "spec", Map.of("slack", Map.of("webhookSecret", Map.of("name", "a", "key", "b"))));
      client.resource(channel).inNamespace(namespace).create();
      client.resource(channel).inNamespace(namespace).get();
      client.resource(channel).inNamespace(namespace).delete();
      assertThat(server.writes())
          .containsExactly(
              "create notificationchannels " + namespace + "/ops 201",
              "delete notificationchannels " + namespace + "/ops 200");

      server.restart();
      assertThat(client.configMaps().inNamespace(namespace).withName("kept").get()).isNotNull();

      server.stop();
      assertThatThrownBy(() -> client.namespaces().list()).isInstanceOf(RuntimeException.class);
      server.resume();
      assertThat(client.namespaces().withName(namespace).get()).isNotNull();
    }
    try (var free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(free.isBound()).isTrue();
    }
  }

  private static ConfigMap map() {
    return new ConfigMapBuilder().withNewMetadata().withName("kept").endMetadata().build();
  }
}
