package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec.Report;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.ReportDelivery;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kernel.Text;
import dev.drydock.kube.Assignments;
import dev.drydock.kube.Coverage;
import dev.drydock.kube.EventRecorder;
import dev.drydock.kube.RequestLimit;
import dev.drydock.kube.TaskPods;
import dev.drydock.port.Alert;
import dev.drydock.port.Outbox;
import dev.drydock.port.Outbox.Delivery;
import dev.drydock.report.HealthDocument;
import dev.drydock.report.ReportAssignment;
import dev.drydock.report.ReportAssignment.Part;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Has reports made, writes them down, and brings them to people. What was written and who has it is
 * in status: a report is offered to a channel only after that says that there is one.
 */
final class ReportDesk {
  /** A person asks for a report by a new value of it. */
  static final String ASK = "drydock.dev/report";

  private static final int HISTORY = 12;

  /** What the schema of the status has room for. */
  private static final int VALUE = 256;

  private static final int DELIVERIES = 20;
  private static final int REMEMBERED = 1000;

  private final KubernetesClient client;
  private final RequestLimit limit;
  private final TaskPods taskPods;
  private final TaskObjects objects;
  private final Outbox outbox;
  private final EventRecorder events;
  private final Set<String> toldFailures = ConcurrentHashMap.newKeySet();

  ReportDesk(
      KubernetesClient client,
      RequestLimit limit,
      TaskPods taskPods,
      TaskObjects objects,
      Outbox outbox,
      EventRecorder events) {
    this.client = client;
    this.limit = limit;
    this.taskPods = taskPods;
    this.objects = objects;
    this.outbox = outbox;
    this.events = events;
  }

  /**
   * What a turn came to, for status.
   *
   * @param lastReport when the pod of the last report had ended, or null
   * @param lastHandled the annotation's value that was handled last, or null
   * @param underway reports that not every channel has
   * @param waiting whether a channel has not answered yet
   * @param stalled why no report can be made, until a person changes something
   */
  record Reports(
      @Nullable String lastReport,
      @Nullable String lastHandled,
      List<ReportDelivery> underway,
      boolean waiting,
      Optional<HealthReport.Stalled> stalled) {}

  /** What is in status of a policy's reports. */
  static Reports before(HostHealthPolicy policy) {
    @Nullable HostHealthPolicyStatus status = policy.getStatus();
    return status == null
        ? new Reports(null, null, List.of(), false, Optional.empty())
        : new Reports(
            status.lastReport(),
            status.lastHandledReport(),
            status.reportsUnderway(),
            false,
            Optional.empty());
  }

  /**
   * Does what is to be done for a policy's reports. A report that can't be made or kept is tried
   * again with each turn, and holds up nothing else: alerts are told only by turns that end.
   *
   * @param hosts every Host of the namespace
   * @param exists whether a channel is declared in the policy's namespace
   */
  Reports turn(
      HostHealthPolicy policy,
      Collection<Host> hosts,
      Predicate<String> exists,
      Context<HostHealthPolicy> context) {
    Reports before = before(policy);
    try {
      return turn(policy, before, hosts, exists, context);
    } catch (KubernetesClientException e) {
      return stalled(before, refused(e));
    } catch (IllegalStateException e) {
      return stalled(before, new HealthReport.Stalled("NameTaken", String.valueOf(e.getMessage())));
    }
  }

  private Reports turn(
      HostHealthPolicy policy,
      Reports before,
      Collection<Host> hosts,
      Predicate<String> exists,
      Context<HostHealthPolicy> context) {
    @Nullable Report report = policy.getSpec().report();
    @Nullable String asked = asked(policy);
    boolean news = asked != null && !asked.equals(before.lastHandled());
    if (report == null) {
      objects.remove(policy, ReportJobs.labels(policy), context);
      if (news) {
        events.warning(
            policy,
            "ReportNotConfigured",
            "Report",
            "a report was asked for, and there is none to make: set spec.report");
      }
      return new Reports(
          before.lastReport(),
          news ? asked : before.lastHandled(),
          List.of(),
          false,
          Optional.empty());
    }
    Optional<HealthReport.Stalled> stalled =
        install(policy, report, hosts, Optional.ofNullable(asked).filter(_ -> news), context);
    boolean handled = news && stalled.isEmpty();
    List<ConfigMap> records = new ArrayList<>(records(policy, context));
    List<ReportDelivery> written = write(policy, before, records, context);
    tellFailures(policy, context);
    Reports reports =
        deliver(
            policy,
            report,
            exists,
            new Reports(
                written.isEmpty()
                    ? before.lastReport()
                    : Objects.requireNonNull(
                        records.getFirst().getMetadata().getAnnotations().get(ReportJobs.ENDED)),
                handled ? asked : before.lastHandled(),
                before.underway(),
                !written.isEmpty(),
                stalled),
            written,
            records);
    prune(
        records,
        report,
        reports.underway().stream().map(ReportDelivery::name).collect(Collectors.toSet()));
    return reports;
  }

  /**
   * Brings about what reports are made by, and asks for the one that a person wants. What was made
   * before is written down and told all the same.
   *
   * @return why that is not to be had
   */
  private Optional<HealthReport.Stalled> install(
      HostHealthPolicy policy,
      Report report,
      Collection<Host> hosts,
      Optional<String> asked,
      Context<HostHealthPolicy> context) {
    try {
      var schedule = CronSchedule.parse(report.schedule(), Assignments.zone(policy.getSpec()));
      ReportAssignment assignment = assignment(policy, report, hosts);
      ConfigMap configMap = ReportJobs.assignment(policy, assignment);
      CronJob cronJob = ReportJobs.cronJob(policy, schedule, assignment, configMap, taskPods);
      Optional<HealthReport.Stalled> stalled =
          objects.keep(policy, ReportJobs.labels(policy), configMap, cronJob, context);
      if (stalled.isEmpty()) {
        asked.ifPresent(value -> ask(policy, cronJob, value));
      }
      return stalled;
    } catch (IllegalArgumentException e) {
      return Optional.of(
          new HealthReport.Stalled("InvalidReportSchedule", String.valueOf(e.getMessage())));
    } catch (KubernetesClientException e) {
      return Optional.of(refused(e));
    }
  }

  private static HealthReport.Stalled refused(KubernetesClientException e) {
    return new HealthReport.Stalled(
        "ReportRefused",
        "the API server refuses what a report needs; alerts are told as ever: " + e.getMessage());
  }

  private static Reports stalled(Reports before, HealthReport.Stalled why) {
    return new Reports(
        before.lastReport(), before.lastHandled(), before.underway(), false, Optional.of(why));
  }

  private static @Nullable String asked(HostHealthPolicy policy) {
    Map<String, String> annotations = policy.getMetadata().getAnnotations();
    String value = annotations == null ? null : annotations.get(ASK);
    return value == null || value.isBlank() ? null : Text.line(value, VALUE);
  }

  private static ReportAssignment assignment(
      HostHealthPolicy policy, Report report, Collection<Host> hosts) {
    Map<String, Host> byName =
        hosts.stream()
            .collect(Collectors.toMap(host -> host.getMetadata().getName(), host -> host));
    var look =
        Assignments.of(
            policy.getSpec(),
            report.schedule(),
            Coverage.of(policy.getSpec().hosts(), hosts),
            name -> Optional.ofNullable(byName.get(name)));
    return new ReportAssignment(
        look.schedule(),
        look.timeZone(),
        List.of(),
        List.of(new Part(policy.getMetadata().getName(), look.targets())));
  }

  private void ask(HostHealthPolicy policy, CronJob cronJob, String asked) {
    if (Boolean.TRUE.equals(policy.getSpec().suspend())) {
      events.warning(
          policy,
          "ReportRefused",
          "Report",
          "a report was asked for, and the policy is suspended: nothing is looked at");
      return;
    }
    Job job = ReportJobs.onDemand(policy, cronJob, asked);
    try {
      var _ = limit.within(() -> client.resource(job).create());
      events.normal(
          policy,
          "ReportStarted",
          "Report",
          "the Job " + job.getMetadata().getName() + " looks at all hosts, as was asked for");
    } catch (KubernetesClientException e) {
      // There from the turn before, of which no status tells.
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
    }
  }

  /** The reports that are kept, the newest first. */
  private static List<ConfigMap> records(
      HostHealthPolicy policy, Context<HostHealthPolicy> context) {
    return context
        .getSecondaryResourcesAsStream(ConfigMap.class)
        .filter(object -> TaskObjects.isMade(object, policy, ReportJobs.recordLabels(policy)))
        .sorted(Comparator.comparing(ReportDesk::ended).reversed())
        .toList();
  }

  private static Instant ended(ConfigMap record) {
    String ended =
        Optional.ofNullable(record.getMetadata().getAnnotations())
            .map(annotations -> annotations.get(ReportJobs.ENDED))
            .orElseGet(() -> record.getMetadata().getCreationTimestamp());
    return Instant.parse(ended);
  }

  /** Writes down what pods left word of; {@code records} grows by it. */
  private List<ReportDelivery> write(
      HostHealthPolicy policy,
      Reports before,
      List<ConfigMap> records,
      Context<HostHealthPolicy> context) {
    var written = new ArrayList<ReportDelivery>();
    @Nullable Instant last =
        before.lastReport() == null ? null : Instant.parse(before.lastReport());
    List<Pod> pods =
        context
            .getSecondaryResourcesAsStream(Pod.class)
            .filter(pod -> TaskObjects.has(pod, ReportJobs.labels(policy)))
            .toList();
    for (ReportPods.Ended ended : ReportPods.since(pods, last)) {
      if (ended.result().isEmpty()) {
        tellFailure(
            policy, ended.pod(), "the pod " + ended.pod() + " ended without a report: see its log");
        continue;
      }
      List<HealthDocument> earlier =
          records.stream()
              .filter(record -> ended(record).isBefore(ended.ended()))
              .limit(HealthDocument.TREND)
              .flatMap(record -> document(record).stream())
              .toList();
      HealthDocument document =
          HealthDocument.of(
              source(policy), ended.pod(), ended.result().get(), List.of(policy), earlier);
      ConfigMap record = keep(policy, document, ended);
      records.removeIf(old -> old.getMetadata().getName().equals(record.getMetadata().getName()));
      records.addFirst(record);
      written.add(new ReportDelivery(record.getMetadata().getName(), List.of()));
      events.normal(
          policy,
          "ReportWritten",
          "Report",
          "ConfigMap " + record.getMetadata().getName() + ": " + document.headline());
    }
    return written;
  }

  private static String source(HostHealthPolicy policy) {
    return "HostHealthPolicy/"
        + policy.getMetadata().getNamespace()
        + "/"
        + policy.getMetadata().getName();
  }

  private ConfigMap keep(HostHealthPolicy policy, HealthDocument document, ReportPods.Ended ended) {
    return document.names(ReportJobs.name(policy)).stream()
        .map(name -> ReportJobs.record(policy, name, document, ended))
        .flatMap(record -> create(record).stream())
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "there is no name left for a report of "
                        + document.at()
                        + ": delete the ConfigMaps "
                        + String.join(", ", document.names(ReportJobs.name(policy)))));
  }

  /** The object, made now or, by the same pod's word, in a turn of which no status tells. */
  private Optional<ConfigMap> create(ConfigMap record) {
    try {
      return Optional.of(limit.within(() -> client.resource(record).create()));
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      return Optional.ofNullable(limit.within(() -> client.resource(record).get()))
          .filter(there -> pod(record).equals(pod(there)));
    }
  }

  private static String pod(ConfigMap record) {
    return Optional.ofNullable(record.getMetadata().getAnnotations())
        .map(annotations -> annotations.get(ReportJobs.POD))
        .orElse("");
  }

  private static Optional<HealthDocument> document(ConfigMap record) {
    return Optional.ofNullable(record.getData())
        .map(data -> data.get(ReportJobs.JSON))
        .flatMap(HealthDocument::fromJson);
  }

  /** A Job whose pod never came to its end, as where the image can't be pulled. */
  private void tellFailures(HostHealthPolicy policy, Context<HostHealthPolicy> context) {
    context
        .getSecondaryResourcesAsStream(Job.class)
        .filter(job -> TaskObjects.has(job, ReportJobs.labels(policy)) && hasFailed(job))
        .forEach(
            job ->
                tellFailure(
                    policy,
                    job.getMetadata().getName(),
                    "the Job "
                        + job.getMetadata().getName()
                        + " failed, and there is no report of it: kubectl describe job "
                        + job.getMetadata().getName()));
  }

  private static boolean hasFailed(Job job) {
    return job.getStatus() != null
        && job.getStatus().getConditions() != null
        && job.getStatus().getConditions().stream()
            .anyMatch(
                condition ->
                    condition.getType().equals("Failed") && condition.getStatus().equals("True"));
  }

  /** Once, as long as this operator runs. */
  private void tellFailure(HostHealthPolicy policy, String about, String note) {
    if (toldFailures.size() > REMEMBERED) {
      toldFailures.clear();
    }
    if (toldFailures.add(policy.getMetadata().getNamespace() + "/" + about)) {
      events.warning(policy, "ReportFailed", "Report", note);
    }
  }

  /**
   * Removes the oldest.
   *
   * @param underway those that somebody is still to get
   */
  private void prune(List<ConfigMap> records, Report report, Set<String> underway) {
    int kept = report.historyLimit() == null ? HISTORY : report.historyLimit();
    records.stream()
        .skip(kept)
        .filter(record -> !underway.contains(record.getMetadata().getName()))
        .forEach(
            old -> {
              var _ = limit.within(() -> client.resource(old).delete());
            });
  }

  private Reports deliver(
      HostHealthPolicy policy,
      Report report,
      Predicate<String> exists,
      Reports reports,
      List<ReportDelivery> written,
      List<ConfigMap> records) {
    var underway = new ArrayList<ReportDelivery>();
    boolean waiting = reports.waiting();
    for (ReportDelivery delivery : reports.underway()) {
      Optional<Alert> notice = record(policy, delivery.name(), records).map(d -> notice(policy, d));
      if (notice.isEmpty()) {
        continue;
      }
      var told = new LinkedHashSet<>(delivery.told());
      told.retainAll(report.channels());
      for (String channel : report.channels()) {
        if (!told.contains(channel) && offer(policy, channel, notice.get(), exists)) {
          told.add(channel);
        }
      }
      if (!told.containsAll(report.channels())) {
        waiting = true;
        underway.add(new ReportDelivery(delivery.name(), List.copyOf(told)));
      }
    }
    if (!report.channels().isEmpty()) {
      underway.addAll(written);
    }
    return new Reports(
        reports.lastReport(),
        reports.lastHandled(),
        underway.subList(Math.max(0, underway.size() - DELIVERIES), underway.size()),
        waiting,
        reports.stalled());
  }

  /** The informer may not know of it yet. */
  private Optional<HealthDocument> record(
      HostHealthPolicy policy, String name, List<ConfigMap> records) {
    return records.stream()
        .filter(record -> record.getMetadata().getName().equals(name))
        .findFirst()
        .or(
            () ->
                Optional.ofNullable(
                    limit.within(
                        () ->
                            client
                                .configMaps()
                                .inNamespace(policy.getMetadata().getNamespace())
                                .withName(name)
                                .get())))
        .flatMap(ReportDesk::document);
  }

  private static Alert notice(HostHealthPolicy policy, HealthDocument document) {
    return document.notice(
        Map.of(
            "namespace", policy.getMetadata().getNamespace(),
            "policy", policy.getMetadata().getName()));
  }

  /** Whether nothing is left to do for a channel. */
  private boolean offer(
      HostHealthPolicy policy, String channel, Alert notice, Predicate<String> exists) {
    return switch (outbox.offer(policy.getMetadata().getNamespace(), channel, notice)) {
      case Delivery.Delivered _, Delivery.NotWanted _ -> true;
      case Delivery.Withdrawn _, Delivery.MayHaveArrived _ -> true;
      case Delivery.Underway _ -> false;
      // One that is declared is opened soon; one that is not can't be waited for.
      case Delivery.NoSuchChannel _ -> !exists.test(channel);
    };
  }
}
