package dev.drydock.app;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who works, where there are several operators. JOSDK lets a leader that lost its lease go on, and
 * does not give the lease up when it stops; both are mended here.
 */
final class LeaderLease {
  static final String NAME = "drydock";

  private static final Logger LOG = LoggerFactory.getLogger(LeaderLease.class);
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration RENEW = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final KubernetesClient client;
  private final String namespace;
  private final String identity;

  LeaderLease(KubernetesClient client, String namespace, String identity) {
    this.client = client;
    this.namespace = namespace;
    this.identity = identity;
  }

  /**
   * How the lease is held.
   *
   * @param stopping whether the process is on its way out anyway
   * @param lost ends the process at once; another one may be at work already
   */
  LeaderElectionConfiguration configuration(BooleanSupplier stopping, Runnable lost) {
    return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(NAME)
        .withLeaseNamespace(namespace)
        .withIdentity(identity)
        .withLeaseDuration(LEASE)
        .withRenewDeadline(RENEW)
        .withRetryPeriod(RETRY)
        .withLeaderCallbacks(
            new LeaderCallbacks(
                () -> LOG.info("leading as {}", identity),
                () -> {
                  if (!stopping.getAsBoolean()) {
                    LOG.error("the lease is lost: ending at once, another operator may be at work");
                    lost.run();
                  }
                },
                leader -> LOG.info("the leader is {}", leader)))
        .build();
  }

  /** Gives the lease up, so that the next operator need not wait until it runs out. */
  void release() {
    try {
      @Nullable Lease lease =
          client.resources(Lease.class).inNamespace(namespace).withName(NAME).get();
      if (lease != null && identity.equals(lease.getSpec().getHolderIdentity())) {
        lease.getSpec().setHolderIdentity("");
        client.resource(lease).update();
      }
    } catch (KubernetesClientException e) {
      LOG.warn("the lease could not be given up, it runs out by itself: {}", e.getMessage());
    }
  }
}
