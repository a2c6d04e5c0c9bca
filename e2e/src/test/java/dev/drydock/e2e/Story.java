package dev.drydock.e2e;

import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;

/** A namespace of its own, and the words that stories are told in. */
@Tag("lab")
abstract class Story {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  final KubernetesClient client = Lab.client();
  String namespace = "";

  @BeforeEach
  void openNamespace(TestInfo test) {
    namespace =
        "story-"
            + Long.toString(System.nanoTime() & 0xffffffffffL, 36)
            + "-"
            + test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
    namespace = namespace.replaceAll("[^a-z0-9-]", "");
    namespace = namespace.substring(0, Math.min(60, namespace.length())).replaceAll("-+$", "");
    client
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(namespace)
                .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                .endMetadata()
                .build())
        .create();
  }

  @AfterEach
  void closeNamespace() {
    client.namespaces().withName(namespace).delete();
  }

  /** Applies YAML, in the story's namespace. */
  void apply(String yaml) {
    client
        .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
        .items()
        .forEach(
            item -> {
              item.getMetadata().setNamespace(namespace);
              client.resource(item).forceConflicts().serverSideApply();
            });
  }

  void secret(String name, String type, Map<String, String> data) {
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withType(type)
                .withStringData(data)
                .build())
        .forceConflicts()
        .serverSideApply();
  }

  void key(String secret, String privateKey) {
    secret(secret, "kubernetes.io/ssh-auth", Map.of("ssh-privatekey", privateKey));
  }

  /** Declares one of the lab's hosts, with its key, for looks alone. */
  void declare(LabHost host) {
    declare(host, "Check");
  }

  /**
   * Declares one of the lab's hosts, with its key.
   *
   * @param permits what may be done there, with commas between
   */
  void declare(LabHost host, String permits) {
    key(host.text(), host.privateKey());
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: Host
        metadata: {name: %s}
        spec:
          address: %s
          user: %s
          identity: {secretName: %s}
          hostKeys: [%s]
          sudo: Passwordless
          permits: [%s]
          probe: {interval: 10s, timeout: 5s}
        """
            .formatted(
                host.text(), host.address(), host.user(), host.text(), host.hostKey(), permits));
  }

  /** Declares a channel to a URL of the receivers that only this story uses; returns its path. */
  String webhook(String name) {
    String path = "/" + namespace + "/" + name;
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: NotificationChannel
        metadata: {name: %s}
        spec: {groupWait: 0s, webhook: {url: "%s%s"}}
        """
            .formatted(name, Receivers.URL, path));
    return path;
  }

  /** Makes a Job of a CronJob, by its template, once that is there. */
  void runNow(String name) {
    CronJob cronJob =
        await(
            "CronJob " + name,
            PATIENCE,
            client.batch().v1().cronjobs().inNamespace(namespace).withName(name)::get,
            Objects::nonNull);
    client
        .resource(
            new JobBuilder()
                .withNewMetadata()
                .withGenerateName("now-")
                .withNamespace(namespace)
                .addToAnnotations("cronjob.kubernetes.io/instantiate", "manual")
                .endMetadata()
                .withSpec(cronJob.getSpec().getJobTemplate().getSpec())
                .build())
        .create();
  }

  Host host(String name) {
    return client.resources(Host.class).inNamespace(namespace).withName(name).get();
  }

  NotificationChannel channel(String name) {
    return client.resources(NotificationChannel.class).inNamespace(namespace).withName(name).get();
  }

  HostHealthPolicy policy(String name) {
    return client.resources(HostHealthPolicy.class).inNamespace(namespace).withName(name).get();
  }

  /** The one host of a policy that has one, as its status tells. */
  Optional<HostState> state(String policy) {
    return Optional.ofNullable(policy(policy).getStatus())
        .flatMap(s -> s.hosts().stream().findFirst());
  }

  Optional<AlertState> alert(String policy, String check) {
    return state(policy)
        .flatMap(
            host ->
                host.alerts().stream().filter(alert -> alert.check().equals(check)).findFirst());
  }

  Host awaitHost(String name, Predicate<Condition> ready) {
    return await(
        "Host " + name,
        PATIENCE,
        () -> host(name),
        host -> host.getStatus() != null && ready(host.getStatus().conditions(), ready));
  }

  NotificationChannel awaitChannel(String name, Predicate<Condition> ready) {
    return await(
        "NotificationChannel " + name,
        PATIENCE,
        () -> channel(name),
        channel -> channel.getStatus() != null && ready(channel.getStatus().conditions(), ready));
  }

  HostHealthPolicy awaitPolicy(String name, Duration patience, Predicate<HostState> host) {
    return await(
        "HostHealthPolicy " + name,
        patience,
        () -> policy(name),
        _ -> state(name).filter(host).isPresent());
  }

  static Predicate<Condition> isTrue() {
    return condition -> condition.status().equals("True");
  }

  static Predicate<Condition> isFalse(String reason) {
    return condition -> condition.status().equals("False") && condition.reason().equals(reason);
  }

  private static boolean ready(List<Condition> conditions, Predicate<Condition> wanted) {
    return conditions.stream().anyMatch(c -> c.type().equals("Ready") && wanted.test(c));
  }

  /** Waits, and says what was there instead. */
  static <T extends HasMetadata> T await(
      String what, Duration patience, Callable<T> asked, Predicate<T> wanted) {
    try {
      return Awaitility.await(what)
          .atMost(patience)
          .pollInterval(Duration.ofMillis(250))
          .until(asked, wanted);
    } catch (ConditionTimeoutException e) {
      String last;
      try {
        last = Serialization.asYaml(asked.call());
      } catch (Exception other) {
        last = other.toString();
      }
      throw new AssertionError(what + " did not come to it; at last it was\n" + last, e);
    }
  }

  static ConditionFactory soon(String what) {
    return Awaitility.await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(250));
  }
}
