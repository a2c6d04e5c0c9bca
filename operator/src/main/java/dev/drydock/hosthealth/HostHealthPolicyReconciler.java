package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Work;
import dev.drydock.kube.Coverage;
import dev.drydock.kube.Coverage.Covered;
import dev.drydock.kube.Demands;
import dev.drydock.kube.EventRecorder;
import dev.drydock.kube.Informers;
import dev.drydock.kube.PlannedWork;
import dev.drydock.kube.RequestLimit;
import dev.drydock.kube.StatusWriter;
import dev.drydock.kube.TaskPods;
import dev.drydock.kube.Wakeups;
import dev.drydock.port.Outbox;
import dev.drydock.probe.Demand;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Has hosts looked at, and turns what was seen into alerts, messages and status. */
@ControllerConfiguration(name = "hosthealthpolicy")
public final class HostHealthPolicyReconciler implements Reconciler<HostHealthPolicy> {
  private static final String MANAGED =
      "app.kubernetes.io/managed-by=drydock," + LookCronJob.POLICY + ",drydock.dev/record!=remedy";

  /** What the schema of the status has room for. */
  private static final int MOST_HOSTS = 500;

  private static final Duration AT_ONCE = Duration.ofMillis(10);
  private static final Duration DELIVERING = Duration.ofSeconds(5);
  private static final Duration SCHEDULED = Duration.ofMinutes(1);
  private static final Duration IDLE = Duration.ofMinutes(5);
  private static final Duration LEAST_UNKNOWN = Duration.ofMinutes(10);

  private final LiveWatch live;
  private final Outbox outbox;
  private final ScheduledPolicy scheduled;
  private final EventRecorder events;
  private final AlertMetrics metrics;
  private final ReadingMetrics readings;
  private final ReportDesk desk;
  private final PlannedWork works;
  private final Remedies remedies;
  private final Clock clock;
  private final StatusWriter<HostHealthPolicy, HostHealthPolicyStatus> statuses;
  private final Wakeups<HostHealthPolicy> wakeups = new Wakeups<>("news");
  private final Map<String, String> toldRemedies = new ConcurrentHashMap<>();

  public HostHealthPolicyReconciler(
      KubernetesClient client,
      RequestLimit limit,
      LiveWatch live,
      Outbox outbox,
      TaskPods taskPods,
      EventRecorder events,
      AlertMetrics metrics,
      ReadingMetrics readings,
      PlannedWork works,
      Remedies remedies,
      Clock clock,
      StatusWriter<HostHealthPolicy, HostHealthPolicyStatus> statuses) {
    this.live = live;
    this.outbox = outbox;
    var objects = new TaskObjects(client, limit, clock);
    scheduled = new ScheduledPolicy(taskPods, objects);
    desk = new ReportDesk(client, limit, taskPods, objects, outbox, events);
    this.events = events;
    this.metrics = metrics;
    this.readings = readings;
    this.works = works;
    this.remedies = remedies;
    this.clock = clock;
    this.statuses = statuses;
    live.whenNews(wakeups::wake);
    live.whenLooked(readings::watched);
    remedies.whenNews(wakeups::wake);
    outbox.whenDelivered(
        alert -> {
          String policy = alert.labels().get("policy");
          if (policy != null) {
            wakeups.wake(alert.labels().getOrDefault("namespace", ""), policy);
          }
        });
  }

  @Override
  public List<EventSource<?, HostHealthPolicy>> prepareEventSources(
      EventSourceContext<HostHealthPolicy> context) {
    var informers = new Informers<>(HostHealthPolicy.class, context);
    return List.of(
        wakeups,
        informers.declared(Host.class, (_, _) -> true),
        informers.present(
            NotificationChannel.class,
            (channel, policy) ->
                channels(policy.getSpec()).contains(channel.getMetadata().getName())),
        informers.owned(CronJob.class, MANAGED, LookCronJob.POLICY),
        informers.owned(ConfigMap.class, MANAGED, LookCronJob.POLICY),
        informers.owned(Job.class, MANAGED, LookCronJob.POLICY),
        informers.owned(Pod.class, MANAGED, LookCronJob.POLICY));
  }

  private static List<String> channels(HostHealthPolicySpec spec) {
    return Stream.concat(
            spec.notification() == null ? Stream.of() : spec.notification().channels().stream(),
            spec.report() == null ? Stream.of() : spec.report().channels().stream())
        .distinct()
        .toList();
  }

  @Override
  public UpdateControl<HostHealthPolicy> reconcile(
      HostHealthPolicy cached, Context<HostHealthPolicy> context) {
    if (context.isPrimaryResourceDeleted()) {
      forget(cached);
      return UpdateControl.noUpdate();
    }
    HostHealthPolicy policy = statuses.freshest(cached);
    Instant now = clock.instant();
    View view = observe(policy, context, now);
    List<HostState> planned = plan(policy, view, now);
    Set<String> channels = channels(policy, context);
    var postbox = new Postbox(outbox, policy, channels::contains, toldRemedies, now);
    Remedies.Turn remedied = remedies.turn(policy, planned, view, now);
    List<HostState> posted = post(policy, remedied.hosts(), view, postbox);
    ReportDesk.Reports reports =
        desk.turn(
            policy,
            Informers.in(namespace(policy), Host.class, context).toList(),
            channels::contains,
            context);
    HostHealthPolicyStatus next =
        HealthReport.status(
            policy,
            new HealthReport.Outcome(
                view.work() instanceof HealthReport.AtWork && reports.stalled().isPresent()
                    ? reports.stalled().get()
                    : view.work(),
                posted,
                view.cronJob(),
                view.lastLook(),
                remedied.acknowledged(),
                channels(policy.getSpec()).stream()
                    .filter(channel -> !channels.contains(channel))
                    .toList(),
                reports),
            now);
    boolean written = statuses.write(policy, next);
    metrics.update(policy, next.hosts());
    readings.compare(namespace(policy), name(policy), Growth.Past.of(policy));
    readings.turn(
        namespace(policy),
        name(policy),
        view.sightings(),
        policy.getSpec().interval() == null ? null : Durations.parse(policy.getSpec().interval()),
        Dues.of(policy, context.getSecondaryResources(CronJob.class), now));
    if (written) {
      tell(policy, next);
      Remedies.tell(policy, remedied, events);
      remedied.ended().forEach(one -> metrics.ended(policy, one));
    }
    return UpdateControl.<HostHealthPolicy>noUpdate()
        .rescheduleAfter(pause(policy, next, postbox.isUnderway(), reports, written));
  }

  @Override
  public ErrorStatusUpdateControl<HostHealthPolicy> updateErrorStatus(
      HostHealthPolicy policy, Context<HostHealthPolicy> context, Exception e) {
    return StatusWriter.onError(policy, e);
  }

  private View observe(HostHealthPolicy policy, Context<HostHealthPolicy> context, Instant now) {
    HostHealthPolicySpec spec = policy.getSpec();
    Map<String, Host> hosts =
        Informers.in(namespace(policy), Host.class, context)
            .collect(Collectors.toMap(host -> host.getMetadata().getName(), host -> host));
    Map<String, Covered> covered = Coverage.of(spec.hosts(), hosts.values());
    if (covered.size() > MOST_HOSTS) {
      live.stop(namespace(policy), name(policy));
      String message =
          "spec.hosts means "
              + covered.size()
              + " hosts, and a policy has room for "
              + MOST_HOSTS
              + ": split it. None of them is looked at";
      covered.keySet().retainAll(byName(policy.getStatus()).keySet());
      return new View(
          new HealthReport.Stalled("TooManyHosts", message),
          View.outOfSight(covered, Boolean.TRUE.equals(spec.suspend()), message, now),
          null,
          View.lastLook(policy));
    }
    return spec.schedule() == null
        ? live(policy, covered, context, now)
        : scheduled(policy, spec.schedule(), covered, hosts, context, now);
  }

  private View scheduled(
      HostHealthPolicy policy,
      String cron,
      Map<String, Covered> covered,
      Map<String, Host> hosts,
      Context<HostHealthPolicy> context,
      Instant now) {
    live.stop(namespace(policy), name(policy));
    return scheduled.observe(policy, cron, covered, hosts, context, now);
  }

  /** The names of the channels that exist in a policy's namespace. */
  private static Set<String> channels(HostHealthPolicy policy, Context<HostHealthPolicy> context) {
    return Informers.in(namespace(policy), NotificationChannel.class, context)
        .map(channel -> channel.getMetadata().getName())
        .collect(Collectors.toSet());
  }

  private View live(
      HostHealthPolicy policy,
      Map<String, Covered> covered,
      Context<HostHealthPolicy> context,
      Instant now) {
    HostHealthPolicySpec spec = policy.getSpec();
    scheduled.remove(policy, context);
    if (Boolean.TRUE.equals(spec.suspend())) {
      live.stop(namespace(policy), name(policy));
      return new View(new HealthReport.Suspended(), View.suspended(covered), null, null);
    }
    var demands = new HashMap<String, Map<String, Demand>>();
    covered.forEach(
        (name, one) -> {
          if (one instanceof Coverage.Watched(Host host)) {
            demands.put(name, Demands.of(spec, host));
          }
        });
    Duration interval = Durations.parse(String.valueOf(spec.interval()));
    live.watch(namespace(policy), name(policy), interval, demands);
    return new View(
        new HealthReport.AtWork(
            "Watching", "each host is looked at every " + Durations.text(interval)),
        View.live(covered, live.sightings(namespace(policy), name(policy)), now),
        null,
        null);
  }

  private List<HostState> plan(HostHealthPolicy policy, View view, Instant now) {
    HostHealthPolicySpec spec = policy.getSpec();
    var plan = new HealthPlan(spec.checks(), unknownAfter(spec), Flapping.of(spec));
    Map<String, HostState> before = byName(policy.getStatus());
    var all = new TreeMap<String, Sighting>(view.sightings());
    before.keySet().forEach(name -> all.putIfAbsent(name, new Sighting.NotCovered()));
    var next = new ArrayList<HostState>();
    all.forEach(
        (name, sighting) ->
            plan.next(
                    name,
                    before.get(name),
                    sighting,
                    planned(namespace(policy), name, sighting),
                    now)
                .ifPresent(next::add));
    // What is only remembered must not keep the rest from being written.
    return next.size() <= MOST_HOSTS ? next : next.stream().filter(HealthPlan::isCovered).toList();
  }

  /** The work that a host which was just rebooted, or is being so, can't name itself. */
  private @Nullable Work planned(String namespace, String host, Sighting sighting) {
    return switch (sighting) {
      case Sighting.Looked looked -> {
        works.seen(namespace, host, looked.work(), looked.at());
        yield works.on(namespace, host, looked.at()).orElse(null);
      }
      case Sighting.Unseen unseen -> {
        works.unseen(namespace, host, unseen.at());
        yield works.on(namespace, host, unseen.at()).orElse(null);
      }
      case Sighting.NothingNew _, Sighting.NotLookedAt _, Sighting.NotCovered _ -> null;
    };
  }

  private static Duration unknownAfter(HostHealthPolicySpec spec) {
    Duration three =
        spec.interval() == null ? LEAST_UNKNOWN : Durations.parse(spec.interval()).multipliedBy(3);
    return Durations.parse(
        spec.unknownAfter(), three.compareTo(LEAST_UNKNOWN) < 0 ? three : LEAST_UNKNOWN);
  }

  /**
   * Tells of alerts that are in status already: were one told first and lost before it was written,
   * the next turn would find it anew, with another start, and tell of it again.
   */
  private List<HostState> post(
      HostHealthPolicy policy, List<HostState> planned, View view, Postbox postbox) {
    if (view.work() instanceof HealthReport.Suspended) {
      planned.forEach(postbox::sustain);
      return planned;
    }
    Map<String, HostState> before = byName(policy.getStatus());
    return planned.stream()
        .map(
            host ->
                isWritten(host, before.get(host.name()))
                    ? postbox.post(host, view.vitals(host.name()))
                    : host)
        .toList();
  }

  private static boolean isWritten(HostState host, @Nullable HostState before) {
    return before != null
        && occurrences(before).containsAll(occurrences(host))
        && before.remedies().containsAll(host.remedies());
  }

  private static List<String> occurrences(HostState host) {
    return host.alerts().stream()
        .map(alert -> alert.check() + " " + alert.phase() + " " + alert.since())
        .toList();
  }

  private void tell(HostHealthPolicy policy, HostHealthPolicyStatus next) {
    Map<String, HostState> before = byName(policy.getStatus());
    Flapping flapping = Flapping.of(policy.getSpec());
    for (HostState host : next.hosts()) {
      HostState was = before.get(host.name());
      for (String check : Flapping.begun(was, host)) {
        events.warning(
            policy,
            "AlertFlapping",
            "Check",
            host.name() + ": " + check + ": " + flapping.text(host, check) + "it fires");
      }
      for (AlertState alert : host.alerts()) {
        Phase last =
            was == null
                ? Phase.Pending
                : was.alerts().stream()
                    .filter(old -> old.check().equals(alert.check()))
                    .map(AlertState::phase)
                    .findFirst()
                    .orElse(Phase.Pending);
        String note = host.name() + ": " + alert.check() + ": " + alert.message();
        if (alert.phase() == Phase.Firing && (last == Phase.Pending || last == Phase.Resolved)) {
          events.warning(policy, "AlertFiring", "Check", note);
        } else if (alert.phase() == Phase.Resolved && last != Phase.Resolved) {
          events.normal(
              policy,
              "AlertResolved",
              "Check",
              host.name()
                  + ": "
                  + alert.check()
                  + ": "
                  + Letters.ended(alert, HealthPlan.isWatched(policy, host, alert)));
        }
      }
    }
  }

  private static Duration pause(
      HostHealthPolicy policy,
      HostHealthPolicyStatus next,
      boolean underway,
      ReportDesk.Reports reports,
      boolean written) {
    boolean alerts = next.hosts().stream().anyMatch(host -> !host.alerts().isEmpty());
    if (written && (alerts || !next.reportsUnderway().isEmpty())) {
      return AT_ONCE;
    }
    if (underway || reports.waiting()) {
      return DELIVERING;
    }
    return policy.getSpec().schedule() != null || alerts || reports.stalled().isPresent()
        ? SCHEDULED
        : IDLE;
  }

  /** What was told of a policy that is deleted ends, as well as that can be said. */
  private void forget(HostHealthPolicy policy) {
    live.stop(namespace(policy), name(policy));
    metrics.gone(policy);
    readings.gone(namespace(policy), name(policy));
    statuses.forget(policy);
    remedies.forget(policy);
    toldRemedies.keySet().removeIf(key -> key.startsWith(Postbox.remedyKey(policy, "")));
    Instant now = clock.instant();
    var postbox = new Postbox(outbox, policy, _ -> false, toldRemedies, now);
    var plan =
        new HealthPlan(policy.getSpec().checks(), LEAST_UNKNOWN, Flapping.of(policy.getSpec()));
    byName(policy.getStatus())
        .forEach(
            (name, before) ->
                plan.next(name, before, new Sighting.NotCovered(), null, now)
                    .ifPresent(postbox::farewell));
  }

  private static Map<String, HostState> byName(@Nullable HostHealthPolicyStatus status) {
    var hosts = new LinkedHashMap<String, HostState>();
    if (status != null) {
      status.hosts().forEach(host -> hosts.put(host.name(), host));
    }
    return hosts;
  }

  private static String namespace(HostHealthPolicy policy) {
    return policy.getMetadata().getNamespace();
  }

  private static String name(HostHealthPolicy policy) {
    return policy.getMetadata().getName();
  }
}
