package dev.drydock.app;

import dev.drydock.adapter.http.JdkNetwork;
import dev.drydock.adapter.notify.ServiceNotifier;
import dev.drydock.adapter.postgres.PgDatabase;
import dev.drydock.adapter.ssh.SshHostShell;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import dev.drydock.host.HostMetrics;
import dev.drydock.host.HostReconciler;
import dev.drydock.hosthealth.AlertMetrics;
import dev.drydock.hosthealth.HostHealthPolicyReconciler;
import dev.drydock.hosthealth.LiveWatch;
import dev.drydock.hosthealth.ReadingMetrics;
import dev.drydock.hosthealth.Remedies;
import dev.drydock.kube.EventRecorder;
import dev.drydock.kube.HostAccesses;
import dev.drydock.kube.HostCache;
import dev.drydock.kube.PlannedWork;
import dev.drydock.kube.RelevantChange;
import dev.drydock.kube.RequestLimit;
import dev.drydock.kube.Secrets;
import dev.drydock.kube.StatusWriter;
import dev.drydock.kube.TaskPods;
import dev.drydock.maintenance.MaintenanceMetrics;
import dev.drydock.maintenance.MaintenanceScheduleReconciler;
import dev.drydock.notification.ChannelOutbox;
import dev.drydock.notification.NotificationChannelReconciler;
import dev.drydock.probe.Looker;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.javaoperatorsdk.operator.processing.retry.Retry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator, put together, started and stopped. */
final class OperatorProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorProcess.class);

  /** What a turn is given is never changed: JOSDK need not make a copy by way of JSON each time. */
  private static final Cloner AS_IT_IS =
      new Cloner() {
        @Override
        public <R extends HasMetadata> R clone(R resource) {
          return resource;
        }
      };

  private static final Duration LOOK_AGAIN = Duration.ofMinutes(5);
  private static final Duration DRAIN = Duration.ofSeconds(10);
  private static final int REQUESTS = 20;

  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  /** By then it may be this process's client that is stuck: a new one is tried. */
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private final KubernetesClient client;
  private final Settings settings;
  private final LeaderLease lease;
  private final RequestLimit limit = new RequestLimit(REQUESTS);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("reconcile-", 0).factory());
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbage = new JvmGcMetrics();
  private final SshHostShell shell = new SshHostShell();
  private final JdkNetwork network = new JdkNetwork();
  private final ServiceNotifier notifier;
  private final ChannelOutbox outbox;
  private final LiveWatch live;
  private final Remedies remedies;
  private final HostReconciler hostReconciler;
  private final Operator operator;
  private final Endpoints endpoints;
  private final Runnable lost;
  private volatile boolean stopping;

  /**
   * Puts everything together and serves the endpoints.
   *
   * @param lost what to do when the lease is lost, or an informer can't go on: end the process
   */
  OperatorProcess(KubernetesClient client, Settings settings, Clock clock, Runnable lost) {
    this.client = client;
    this.settings = settings;
    this.lost = lost;
    lease = new LeaderLease(client, settings.namespace(), settings.instance());
    notifier = new ServiceNotifier(clock);
    outbox = new ChannelOutbox(notifier, clock);
    new JvmMemoryMetrics().bindTo(registry);
    garbage.bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);

    var secrets = new Secrets(client, limit, clock);
    var hosts = new HostCache();
    var works = new PlannedWork();
    var accesses = new HostAccesses(secrets, hosts);
    var events = new EventRecorder(client, limit, clock, settings.instance());
    var looker = new Looker(shell, network, new PgDatabase(), clock);
    live = new LiveWatch(looker, accesses::of, secrets::in, hosts, clock);
    remedies =
        new Remedies(client, limit, shell, looker, accesses, secrets::in, hosts, works, clock);

    var alerts = new AlertMetrics();
    var readings = new ReadingMetrics();
    var maintenance = new MaintenanceMetrics();
    registry
        .getPrometheusRegistry()
        .register(new ScrapedMetrics(List.of(alerts, readings, maintenance, outbox)));

    operator =
        new Operator(
            overrider -> {
              overrider
                  .withKubernetesClient(client)
                  .withCloseClientOnStop(false)
                  .withExecutorService(threads)
                  .withReconciliationTerminationTimeout(DRAIN)
                  .withUseSSAToPatchPrimaryResource(false)
                  .withResourceCloner(AS_IT_IS)
                  .withMetrics(MicrometerMetricsV2.newBuilder(registry).build())
                  .withInformerStoppedHandler(
                      (informer, cause) -> {
                        if (!stopping && cause != null) {
                          LOG.error("an informer stopped: ending, to start anew", cause);
                          lost.run();
                        }
                      });
              if (settings.leaderElection()) {
                overrider.withLeaderElectionConfiguration(
                    lease.configuration(() -> stopping, lost));
              }
            });
    register(
        new NotificationChannelReconciler(
            secrets,
            outbox,
            events,
            clock,
            new StatusWriter<>(
                client, limit, NotificationChannel::new, NotificationChannel::setStatus)));
    hostReconciler =
        new HostReconciler(
            accesses,
            shell,
            events,
            new HostMetrics(registry),
            clock,
            new StatusWriter<>(client, limit, Host::new, Host::setStatus),
            hosts);
    register(hostReconciler);
    var taskPods =
        new TaskPods(settings.image(), settings.imagePullPolicy(), settings.imagePullSecrets());
    register(
        new HostHealthPolicyReconciler(
            client,
            limit,
            live,
            outbox,
            taskPods,
            events,
            alerts,
            readings,
            works,
            remedies,
            clock,
            new StatusWriter<>(client, limit, HostHealthPolicy::new, HostHealthPolicy::setStatus)));
    register(
        new MaintenanceScheduleReconciler(
            client,
            limit,
            outbox,
            taskPods,
            events,
            maintenance,
            works,
            clock,
            new StatusWriter<>(
                client, limit, MaintenanceSchedule::new, MaintenanceSchedule::setStatus)));
    endpoints = new Endpoints(settings.httpPort(), () -> true, this::isReady, registry);
  }

  private <R extends HasMetadata> void register(Reconciler<R> reconciler) {
    operator.register(
        reconciler,
        overrider -> {
          if (!settings.watchNamespaces().isEmpty()) {
            overrider.settingNamespaces(settings.watchNamespaces());
          }
          overrider
              .withGenerationAware(false)
              .withOnUpdateFilter(new RelevantChange<>())
              .withTriggerReconcilerOnAllEvents(true)
              .withReconciliationMaxInterval(LOOK_AGAIN)
              .withRetry(retry());
        });
  }

  /** Never gives up: JOSDK's default is silent after the fifth failure. */
  static Retry retry() {
    return new GenericRetry()
        .withoutMaxAttempts()
        .setInitialInterval(Duration.ofSeconds(1))
        .setIntervalMultiplier(2)
        .setMaxInterval(LOOK_AGAIN.toMillis());
  }

  /** Starts to work, or to wait for the lease. */
  void start() {
    LOG.atInfo()
        .addKeyValue("namespaces", settings.watchNamespaces())
        .addKeyValue("leaderElection", settings.leaderElection())
        .log("starting");
    awaitApiServer();
    if (!stopping) {
      operator.start();
    }
  }

  /**
   * To end for want of an API server, as the operator does when its lease is lost, would have the
   * kubelet start it again in ever longer pauses, minutes after that is back.
   */
  private void awaitApiServer() {
    boolean said = false;
    long heard = System.nanoTime();
    while (!stopping) {
      try {
        client.getKubernetesVersion();
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() > 0 && e.getCode() < HttpURLConnection.HTTP_INTERNAL_ERROR) {
          return;
        }
        if (!said) {
          LOG.atWarn().setCause(e).log("the API server does not answer, waiting for it");
          said = true;
        }
        if (!isSilence(e)) {
          heard = System.nanoTime();
        } else if (System.nanoTime() - heard > SILENCE.toNanos()) {
          LOG.error("no word of the API server, not even a refusal: ending, to start anew");
          lost.run();
          return;
        }
      }
      LockSupport.parkNanos(ASK_AGAIN.toNanos());
    }
  }

  /** Whether a request came to nothing without a word: no answer, and no connection refused. */
  static boolean isSilence(KubernetesClientException thrown) {
    for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException
          || (cause instanceof ConnectException
              && !String.valueOf(cause.getMessage()).contains("timed out"))) {
        return false;
      }
    }
    return thrown.getCode() <= 0;
  }

  private boolean isReady() {
    return !stopping
        && operator.getRuntimeInfo().isStarted()
        && operator.getRuntimeInfo().allEventSourcesAreHealthy();
  }

  /** The port that the endpoints are served on. */
  int httpPort() {
    return endpoints.port();
  }

  /** Lets what runs come to an end, gives the lease up, and closes every connection. */
  @Override
  public void close() {
    if (stopping) {
      return;
    }
    stopping = true;
    LOG.info("stopping");
    live.close();
    remedies.close();
    // A host that says nothing would keep the lease for as long as a look may take.
    hostReconciler.stop();
    shell.close();
    // While the reconcilers can still write down who was told.
    outbox.close();
    limit.close();
    operator.stop();
    if (settings.leaderElection()) {
      lease.release();
    }
    for (AutoCloseable part :
        List.<AutoCloseable>of(notifier, network, garbage, endpoints, client)) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("could not be closed", e);
      }
    }
    threads.shutdownNow();
  }
}
