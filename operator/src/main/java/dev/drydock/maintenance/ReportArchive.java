package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Letter;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Subject;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kube.Applier;
import dev.drydock.kube.EventRecorder;
import dev.drydock.kube.Owners;
import dev.drydock.kube.PodEnd;
import dev.drydock.kube.RequestLimit;
import dev.drydock.report.HealthDocument;
import dev.drydock.report.ReportResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The reports of tasks that are kept, each in a ConfigMap named by its minute. A report is kept
 * before status says that its run has ended; after a crash in between it is found again by its pod.
 */
final class ReportArchive {
  private static final int HISTORY = 12;

  private final KubernetesClient client;
  private final RequestLimit limit;
  private final EventRecorder events;

  /** By schedule's uid and task: the newest, of which the informer may not know yet. */
  private final Map<String, HealthDocument> newest = new ConcurrentHashMap<>();

  ReportArchive(KubernetesClient client, RequestLimit limit, EventRecorder events) {
    this.client = client;
    this.limit = limit;
    this.events = events;
  }

  /** Whether it is a report, and not what a pod is told. */
  static boolean isRecord(ConfigMap object) {
    return object.getMetadata().getLabels().containsKey(MaintenanceManifests.RECORD);
  }

  /** One that is kept. */
  private record Kept(ConfigMap object, HealthDocument document) {}

  /** Makes the report of what the run's pod left word of, and keeps it; nothing if it left none. */
  Optional<HealthDocument> keep(View view, MaintenanceTask task, Run run) {
    Optional<PodEnd> last =
        Optional.ofNullable(run.job()).flatMap(job -> TaskEnd.last(job, view.pods()));
    Optional<ReportResult> result = last.map(PodEnd::word).flatMap(ReportResult::decode);
    if (last.isEmpty() || result.isEmpty()) {
      return Optional.empty();
    }
    MaintenanceSchedule schedule = view.schedule();
    List<Kept> earlier =
        kept(view, task.name())
            .filter(one -> !one.document().pod().equals(last.get().pod()))
            .sorted(Comparator.comparing((Kept one) -> one.document().at()).reversed())
            .toList();
    HealthDocument made =
        HealthDocument.of(
            "MaintenanceSchedule/"
                + schedule.getMetadata().getNamespace()
                + "/"
                + schedule.getMetadata().getName(),
            last.get().pod(),
            result.get(),
            policies(view, task),
            earlier.stream().map(Kept::document).toList());
    HealthDocument document = keep(schedule, task, made);
    newest.put(key(schedule, task.name()), document);
    earlier.stream()
        .skip(HISTORY - 1L)
        .forEach(old -> limit.within(() -> client.resource(old.object()).delete()));
    return Optional.of(document);
  }

  /** A report that can't be kept is told all the same. */
  private HealthDocument keep(
      MaintenanceSchedule schedule, MaintenanceTask task, HealthDocument document) {
    try {
      for (String name :
          document.names(MaintenanceManifests.cronJobName(schedule, task) + "-report")) {
        ConfigMap record = MaintenanceManifests.record(schedule, task, name, document);
        Optional<HealthDocument> there = create(schedule, record, document);
        if (there.isPresent()) {
          return there.get();
        }
      }
    } catch (KubernetesClientException e) {
      if (!Applier.isRefusal(e)) {
        throw e;
      }
      events.warning(
          schedule,
          "ReportFailed",
          "Report",
          task.name() + ": the API server refuses to keep the report: " + e.getMessage());
    }
    return document;
  }

  /** The report as it is kept now, or was by a turn of which no status tells. */
  private Optional<HealthDocument> create(
      MaintenanceSchedule schedule, ConfigMap record, HealthDocument document) {
    try {
      var _ = limit.within(() -> client.resource(record).create());
      events.normal(
          schedule,
          "ReportWritten",
          "Report",
          "ConfigMap " + record.getMetadata().getName() + ": " + document.headline());
      return Optional.of(document);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      return Optional.ofNullable(limit.within(() -> client.resource(record).get()))
          .filter(there -> Owners.owns(schedule, there))
          .flatMap(ReportArchive::document)
          .filter(there -> there.pod().equals(document.pod()));
    }
  }

  /** The whole report, if the letter is the one that tells of it; else nothing. */
  String detail(View view, String task, Letter letter) {
    return letter.about() == Subject.News && view.reports().containsKey(task)
        ? Stream.concat(
                Stream.ofNullable(newest.get(key(view.schedule(), task))),
                kept(view, task).map(Kept::document))
            .filter(document -> document.at().equals(letter.since()))
            .filter(document -> document.headline().equals(letter.text()))
            .findFirst()
            .map(document -> document.notice(Map.of()).detail())
            .orElse("")
        : "";
  }

  void forget(MaintenanceSchedule gone) {
    newest.keySet().removeIf(key -> key.startsWith(key(gone, "")));
  }

  private static Stream<Kept> kept(View view, String task) {
    return view.records().stream()
        .filter(
            record -> task.equals(record.getMetadata().getLabels().get(MaintenanceManifests.TASK)))
        .filter(record -> Owners.owns(view.schedule(), record))
        .flatMap(record -> document(record).map(document -> new Kept(record, document)).stream());
  }

  private static Optional<HealthDocument> document(ConfigMap record) {
    return Optional.ofNullable(record.getData())
        .map(data -> data.get(MaintenanceManifests.REPORT))
        .flatMap(HealthDocument::fromJson);
  }

  private static List<HostHealthPolicy> policies(View view, MaintenanceTask task) {
    var policies = new ArrayList<HostHealthPolicy>();
    if (task.healthReport() != null) {
      for (String name : task.healthReport().policies()) {
        Optional.ofNullable(view.policies().get(name)).ifPresent(policies::add);
      }
    }
    return policies;
  }

  private static String key(MaintenanceSchedule schedule, String task) {
    return schedule.getMetadata().getUid() + "/" + task;
  }
}
