package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import dev.drydock.kernel.Fingerprint;
import dev.drydock.kube.Applier;
import dev.drydock.kube.Owners;
import dev.drydock.kube.RequestLimit;
import dev.drydock.kube.TaskPods;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the records of tries, each in a ConfigMap that belongs to the policy. */
final class RemedyConfigMap implements Remedies.Shelf {
  private static final Logger LOG = LoggerFactory.getLogger(RemedyConfigMap.class);

  /** How many are kept of one policy, beside those that its status names. */
  static final int KEPT = 10;

  private static final String RECORD = "drydock.dev/record";
  private static final int LINE = 10_000;
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final List<Duration> PAUSES =
      List.of(Duration.ofSeconds(1), Duration.ofSeconds(2));

  private final KubernetesClient client;
  private final RequestLimit limit;
  private final RemedyRunner.Pause pause;

  RemedyConfigMap(KubernetesClient client, RequestLimit limit, RemedyRunner.Pause pause) {
    this.client = client;
    this.limit = limit;
    this.pause = pause;
  }

  @Override
  public @Nullable String keep(
      HostHealthPolicy policy,
      String host,
      String check,
      String started,
      String text,
      boolean ended) {
    ConfigMap map = of(policy, host, check, started, text, ended);
    Optional<String> failure = write(map);
    if (failure.isPresent()) {
      String name = policy.getMetadata().getName() + " " + host + "/" + check;
      LOG.warn("{}: the record of a remedy could not be kept: {}", name, failure.get());
      if (ended) {
        // The log is the last place where it can be found.
        for (int at = 0; at < text.length(); at += LINE) {
          LOG.warn(
              "{}: the record says: {}",
              name,
              text.substring(at, Math.min(text.length(), at + LINE)));
        }
      }
      return null;
    }
    if (ended) {
      prune(policy);
    }
    return map.getMetadata().getName();
  }

  /** A host waits for it under its lock, so it is tried again, but not for long. */
  private Optional<String> write(ConfigMap map) {
    for (int i = 0; ; i++) {
      try {
        var _ = request(quick -> new Applier(quick).apply(map, null));
        return Optional.empty();
      } catch (KubernetesClientException e) {
        if (i == PAUSES.size()) {
          return Optional.of(String.valueOf(e.getMessage()));
        }
      }
      try {
        pause.pause(PAUSES.get(i));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.of("the operator is stopping");
      }
    }
  }

  /** The client's own patience is minutes. */
  private <T> T request(Function<KubernetesClient, T> request) {
    RequestConfig config =
        new RequestConfigBuilder()
            .withRequestTimeout((int) TIMEOUT.toMillis())
            .withRequestRetryBackoffLimit(0)
            .build();
    return limit.within(
        () ->
            client
                .adapt(NamespacedKubernetesClient.class)
                .withRequestConfig(config)
                .call(request::apply));
  }

  /** What can't be removed now is removed after the next try. */
  private void prune(HostHealthPolicy policy) {
    String namespace = policy.getMetadata().getNamespace();
    String name = policy.getMetadata().getName();
    try {
      HostHealthPolicy now =
          request(
              quick ->
                  quick
                      .resources(HostHealthPolicy.class)
                      .inNamespace(namespace)
                      .withName(name)
                      .get());
      if (now == null) {
        return;
      }
      List<ConfigMap> all =
          request(
              quick ->
                  quick
                      .configMaps()
                      .inNamespace(namespace)
                      .withLabels(selector(name))
                      .list()
                      .getItems());
      Set<String> named = named(now);
      for (ConfigMap old : outdated(all, named)) {
        var _ = request(quick -> quick.resource(old).delete());
      }
    } catch (KubernetesClientException e) {
      LOG.atWarn()
          .addKeyValue("policy", name)
          .log("old records of remedies could not be removed: {}", e.getMessage());
    }
  }

  @Override
  public @Nullable String find(HostHealthPolicy policy, String host, String check, String started) {
    String name = name(policy, host, check, started);
    try {
      ConfigMap map =
          limit.within(
              () ->
                  client
                      .configMaps()
                      .inNamespace(policy.getMetadata().getNamespace())
                      .withName(name)
                      .get());
      return map == null ? null : name;
    } catch (KubernetesClientException e) {
      // A name too many is better than a record that nobody finds.
      return name;
    }
  }

  /** What status names: records of the tries that it tells of, and of those that are at work. */
  static Set<String> named(HostHealthPolicy policy) {
    var names = new HashSet<String>();
    if (policy.getStatus() != null) {
      for (HostState host : policy.getStatus().hosts()) {
        for (RemedyState state : host.remedies()) {
          if (state.record() != null) {
            names.add(state.record());
          }
          if (state.started() != null) {
            names.add(name(policy, host.name(), state.check(), state.started()));
          }
        }
      }
    }
    return names;
  }

  /** What the records of a policy are found by. */
  static Map<String, String> selector(String policy) {
    return Map.of(LookCronJob.POLICY, policy, RECORD, "remedy");
  }

  static String name(HostHealthPolicy policy, String host, String check, String started) {
    return policy.getMetadata().getName()
        + "-remedy-"
        + Fingerprint.of(host, check, started).substring(0, 10);
  }

  static ConfigMap of(
      HostHealthPolicy policy,
      String host,
      String check,
      String started,
      String text,
      boolean ended) {
    var labels = new HashMap<>(TaskPods.MANAGED);
    labels.putAll(selector(policy.getMetadata().getName()));
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withNamespace(policy.getMetadata().getNamespace())
        .withName(name(policy, host, check, started))
        .withLabels(labels)
        .withAnnotations(
            Map.of(
                "drydock.dev/host",
                host,
                "drydock.dev/check",
                check,
                "drydock.dev/started",
                started))
        .withOwnerReferences(Owners.reference(policy))
        .endMetadata()
        .withImmutable(ended ? Boolean.TRUE : null)
        .withData(Map.of("record.txt", text))
        .build();
  }

  /** Those of {@code all} that there is no room for beside {@link #KEPT} newer ones. */
  static List<ConfigMap> outdated(List<ConfigMap> all, Set<String> named) {
    return all.stream()
        .sorted(
            Comparator.comparing(
                    (ConfigMap map) ->
                        map.getMetadata().getAnnotations() == null
                            ? ""
                            : map.getMetadata()
                                .getAnnotations()
                                .getOrDefault("drydock.dev/started", ""))
                .reversed())
        .skip(KEPT)
        .filter(map -> !named.contains(map.getMetadata().getName()))
        .toList();
  }
}
