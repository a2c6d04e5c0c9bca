package dev.drydock.kube;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/**
 * The client of a cluster. It does not keep which field of an object belongs to whom: that would be
 * the larger part of every informer's memory. Nor does it send it, so that the API server leaves it
 * as it is.
 */
public final class ClusterClient {
  private ClusterClient() {}

  /** Of the cluster that the environment or the pod's service account names. */
  public static KubernetesClient create() {
    return create(Config.autoConfigure(null));
  }

  /** Of the cluster that {@code config} names. */
  public static KubernetesClient create(Config config) {
    // Jackson's own buffers belong to a thread, and reconciles run on thousands of virtual ones.
    var json =
        JsonFactory.builder().recyclerPool(JsonRecyclerPools.newConcurrentDequePool()).build();
    var mapper =
        new ObjectMapper(json)
            .addMixIn(ObjectMeta.class, NotSent.class)
            .addMixIn(ManagedFieldsEntry.class, NotKept.class);
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
        .build();
  }

  @JsonIgnoreProperties(value = "managedFields", allowSetters = true)
  private interface NotSent {}

  @JsonIgnoreProperties("fieldsV1")
  private interface NotKept {}
}
