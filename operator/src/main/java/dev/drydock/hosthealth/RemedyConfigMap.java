package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.kernel.Fingerprint;
import dev.drydock.kube.Owners;
import dev.drydock.kube.RequestLimit;
import dev.drydock.kube.TaskPods;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the records of tries, each in a ConfigMap that belongs to the policy. */
final class RemedyConfigMap implements Remedies.Shelf {
  private static final Logger LOG = LoggerFactory.getLogger(RemedyConfigMap.class);

  /** How many are kept of one policy. */
  static final int KEPT = 10;

  private static final String RECORD = "drydock.dev/record";

  private final KubernetesClient client;
  private final RequestLimit limit;

  RemedyConfigMap(KubernetesClient client, RequestLimit limit) {
    this.client = client;
    this.limit = limit;
  }

  @Override
  public @Nullable String keep(
      HostHealthPolicy policy, String host, String check, String started, String text) {
    try {
      ConfigMap map = of(policy, host, check, started, text);
      var _ = limit.within(() -> client.resource(map).create());
      List<ConfigMap> all =
          limit.within(
              () ->
                  client
                      .configMaps()
                      .inNamespace(policy.getMetadata().getNamespace())
                      .withLabels(selector(policy.getMetadata().getName()))
                      .list()
                      .getItems());
      for (ConfigMap old : outdated(all)) {
        var _ = limit.within(() -> client.resource(old).delete());
      }
      return map.getMetadata().getName();
    } catch (KubernetesClientException e) {
      LOG.atWarn()
          .addKeyValue("policy", policy.getMetadata().getName())
          .log("the record of a remedy could not be kept: {}", e.getMessage());
      return null;
    }
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
      HostHealthPolicy policy, String host, String check, String started, String text) {
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
        .withImmutable(true)
        .withData(Map.of("record.txt", text))
        .build();
  }

  /** Those of {@code all} that there is no room for beside {@link #KEPT} newer ones. */
  static List<ConfigMap> outdated(List<ConfigMap> all) {
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
        .toList();
  }
}
