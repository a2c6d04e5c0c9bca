package dev.drydock.host;

import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.host.HostSpec;
import dev.drydock.api.v1alpha1.host.HostStatus;
import dev.drydock.kernel.Cadence;
import dev.drydock.kernel.Conditions;
import dev.drydock.kernel.Durations;
import dev.drydock.kube.EventRecorder;
import dev.drydock.kube.HostAccesses;
import dev.drydock.kube.HostCache;
import dev.drydock.kube.StatusWriter;
import dev.drydock.port.HostShell;
import dev.drydock.probe.HostFacts;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Probes a host each turn and says how it is. */
@ControllerConfiguration(name = "host")
public final class HostReconciler implements Reconciler<Host> {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final HostAccesses accesses;
  private final HostShell shell;
  private final EventRecorder events;
  private final HostMetrics metrics;
  private final Clock clock;
  private final StatusWriter<Host, HostStatus> statuses;
  private final HostCache cache;
  private volatile boolean stopping;

  public HostReconciler(
      HostAccesses accesses,
      HostShell shell,
      EventRecorder events,
      HostMetrics metrics,
      Clock clock,
      StatusWriter<Host, HostStatus> statuses,
      HostCache cache) {
    this.accesses = accesses;
    this.shell = shell;
    this.events = events;
    this.metrics = metrics;
    this.clock = clock;
    this.statuses = statuses;
    this.cache = cache;
  }

  @Override
  public List<EventSource<?, Host>> prepareEventSources(EventSourceContext<Host> context) {
    cache.use(context.getPrimaryCache());
    return List.of();
  }

  @Override
  public UpdateControl<Host> reconcile(Host cached, Context<Host> context) {
    if (context.isPrimaryResourceDeleted()) {
      forget(cached);
      return UpdateControl.noUpdate();
    }
    Host host = statuses.freshest(cached);
    Instant started = clock.instant();
    HostSight sight = observe(host);
    if (stopping) {
      // What was cut off says nothing of the host; the next operator looks again.
      return UpdateControl.noUpdate();
    }
    HostStatus next = HostReport.status(host, sight, clock.instant());
    measure(host, sight, next, started);
    if (statuses.write(host, next)) {
      tell(host, next);
    }
    return UpdateControl.<Host>noUpdate()
        .rescheduleAfter(Cadence.untilNext(key(host), interval(host), clock.instant()));
  }

  @Override
  public ErrorStatusUpdateControl<Host> updateErrorStatus(
      Host host, Context<Host> context, Exception e) {
    return StatusWriter.onError(host, e);
  }

  /** Writes nothing any more: from now on looks are cut off. */
  public void stop() {
    stopping = true;
  }

  private HostSight observe(Host host) {
    if (Boolean.TRUE.equals(host.getSpec().suspend())) {
      if (!isKnownAsSuspended(host)) {
        // Once: hosts behind it go on by way of it, and what they open is theirs.
        shell.forget(key(host));
      }
      return new HostSight.Suspended();
    }
    return switch (accesses.of(host)) {
      case HostAccesses.Unusable(String reason, String message) -> {
        shell.forget(key(host));
        yield new HostSight.Unusable(reason, message);
      }
      case HostAccesses.Access(var access, Duration timeout) ->
          switch (shell.look(access, HostFacts.script(), timeout)) {
            case HostShell.Failed failed -> new HostSight.Unanswered(failed);
            case HostShell.Completed completed ->
                new HostSight.Probed(
                    HostFacts.read(completed.output()),
                    completed.took(),
                    completed.hostKey(),
                    completed.identityNotProven());
          };
    };
  }

  private static boolean isKnownAsSuspended(Host host) {
    return host.getStatus() != null
        && ready(host.getStatus())
            .filter(condition -> condition.reason().equals(HostReport.SUSPENDED))
            .isPresent();
  }

  private void measure(Host host, HostSight sight, HostStatus next, Instant started) {
    String namespace = host.getMetadata().getNamespace();
    String name = host.getMetadata().getName();
    if (sight instanceof HostSight.Suspended) {
      metrics.gone(namespace, name);
      return;
    }
    Instant now = clock.instant();
    metrics.probed(
        namespace,
        name,
        Conditions.isTrue(next.conditions(), "Ready"),
        sight instanceof HostSight.Probed probed ? probed.took() : Duration.between(started, now),
        now);
  }

  private void tell(Host host, HostStatus next) {
    @Nullable HostStatus before = host.getStatus();
    Optional<Condition> was = before == null ? Optional.empty() : ready(before);
    ready(next)
        .filter(
            now ->
                was.filter(w -> w.status().equals(now.status()) && w.reason().equals(now.reason()))
                    .isEmpty())
        .ifPresent(
            now -> {
              if (now.status().equals("True")) {
                events.normal(host, now.reason(), "Probe", now.message());
              } else {
                events.warning(host, now.reason(), "Probe", now.message());
              }
            });
    String boot = bootId(next);
    String bootBefore = before == null ? null : bootId(before);
    if (boot != null && bootBefore != null && !boot.equals(bootBefore)) {
      events.normal(host, "Rebooted", "Probe", "the host was booted anew");
    }
  }

  private static @Nullable String bootId(HostStatus status) {
    return status.facts() == null ? null : status.facts().bootId();
  }

  private static Optional<Condition> ready(HostStatus status) {
    return status.conditions().stream().filter(c -> c.type().equals("Ready")).findFirst();
  }

  private void forget(Host host) {
    shell.forget(key(host));
    metrics.gone(host.getMetadata().getNamespace(), host.getMetadata().getName());
    statuses.forget(host);
  }

  private static String key(Host host) {
    return host.getMetadata().getNamespace() + "/" + host.getMetadata().getName();
  }

  private static Duration interval(Host host) {
    HostSpec.@Nullable Probe probe = host.getSpec().probe();
    return Durations.parse(probe == null ? null : probe.interval(), INTERVAL);
  }
}
