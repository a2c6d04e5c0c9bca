package dev.drydock.kube;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobSpec;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/**
 * The client of a cluster. It keeps little of what would be the larger part of every informer's
 * memory:
 *
 * <ul>
 *   <li>of managed fields, whose they are, and not which; they are not sent, so that the API server
 *       leaves them as they are;
 *   <li>of CronJobs all but what they make, which {@link Applier#template} asks for.
 * </ul>
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
            .addMixIn(ManagedFieldsEntry.class, NotKept.class)
            .addMixIn(CronJobSpec.class, NotRead.class);
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(new QuickTls())
        .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
        .build();
  }

  @JsonIgnoreProperties(value = "managedFields", allowSetters = true)
  private interface NotSent {}

  @JsonIgnoreProperties("fieldsV1")
  private interface NotKept {}

  @JsonIgnoreProperties(value = "jobTemplate", allowGetters = true)
  private interface NotRead {}
}
