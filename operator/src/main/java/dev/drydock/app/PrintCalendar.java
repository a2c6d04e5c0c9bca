package dev.drydock.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.drydock.api.v1alpha1.common.HostSelection;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Freezes;
import dev.drydock.kernel.Text;
import dev.drydock.kernel.Window;
import dev.drydock.kube.HostSelector;
import dev.drydock.maintenance.Calendar;
import dev.drydock.maintenance.Calendar.Slot;
import dev.drydock.maintenance.Conflicts;
import dev.drydock.maintenance.Conflicts.Work;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The command that prints what MaintenanceSchedules will do, as a calendar for people. */
final class PrintCalendar {
  static final String USAGE =
      """
      usage: drydock calendar [--runs N] [FILE... | -]

        Prints the next runs of all MaintenanceSchedules in YAML or JSON files, or on standard
        input, as a calendar. Hosts among them tell which hosts a selector means.

        kubectl get maintenanceschedules,hosts -A -o yaml | drydock calendar -

        --runs N    how many runs (20)

        exit status: 0; 1 if a schedule is wrong; 2 if the arguments or a file could not be read
      """;

  private static final int DONE = 0;
  private static final int WRONG = 1;
  private static final int MISUSED = 2;
  private static final int MOST_RUNS = 10_000;
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE uuuu-MM-dd", Locale.ENGLISH);
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final KubernetesSerialization TYPES = new KubernetesSerialization();

  private final List<Host> hosts = new ArrayList<>();
  private final List<MaintenanceSchedule> schedules = new ArrayList<>();
  private final List<Planned> all = new ArrayList<>();
  private int runs = 20;

  private record Planned(
      String namespace, MaintenanceSchedule schedule, Calendar calendar, List<Work> works) {}

  private record Run(Planned planned, MaintenanceTask task, Instant due) {}

  private PrintCalendar() {}

  /** Runs the command and answers its exit status. */
  static int run(
      List<String> arguments, InputStream in, PrintStream out, PrintStream err, Clock clock) {
    var calendar = new PrintCalendar();
    try {
      for (String file : calendar.files(arguments)) {
        calendar.take(file, Inputs.read(file, in));
      }
    } catch (IllegalArgumentException | IOException e) {
      err.println("drydock: " + Text.line(String.valueOf(e.getMessage()), 500));
      err.print(USAGE);
      return MISUSED;
    }
    try {
      List<Run> next = calendar.next(clock.instant());
      out.print(next.isEmpty() ? "no runs\n" : calendar.table(next));
      return DONE;
    } catch (IllegalArgumentException e) {
      err.println("drydock: " + Text.line(String.valueOf(e.getMessage()), 500));
      return WRONG;
    }
  }

  private List<String> files(List<String> arguments) {
    var words = new ArrayDeque<>(arguments);
    var files = new ArrayList<String>();
    while (!words.isEmpty()) {
      String word = words.remove();
      if (word.equals("--runs")) {
        String value = Inputs.value(word, words);
        if (!value.matches("[1-9][0-9]{0,4}") || Integer.parseInt(value) > MOST_RUNS) {
          throw new IllegalArgumentException("--runs takes a number from 1 to " + MOST_RUNS);
        }
        runs = Integer.parseInt(value);
      } else if (word.startsWith("-") && !word.equals("-")) {
        throw new IllegalArgumentException("calendar does not take " + word);
      } else {
        files.add(word);
      }
    }
    return files.isEmpty() ? List.of("-") : files;
  }

  private void take(String file, String text) {
    try (MappingIterator<JsonNode> documents = YAML.readerFor(JsonNode.class).readValues(text)) {
      while (documents.hasNextValue()) {
        take(documents.nextValue());
      }
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          file + " can't be read: " + Objects.requireNonNullElse(e.getMessage(), "no YAML"), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + " can't be read", e);
    }
  }

  private void take(JsonNode document) {
    String kind = document.path("kind").asText();
    boolean isOurs = document.path("apiVersion").asText().startsWith("drydock.dev/");
    if (document.path("items").isArray()) {
      document.path("items").forEach(this::take);
    } else if (isOurs && kind.equals("MaintenanceSchedule") && document.hasNonNull("spec")) {
      schedules.add(TYPES.convertValue(document, MaintenanceSchedule.class));
    } else if (isOurs && kind.equals("Host")) {
      hosts.add(TYPES.convertValue(document, Host.class));
    }
  }

  private List<Run> next(Instant now) {
    var next = new ArrayList<Run>();
    for (MaintenanceSchedule schedule : schedules) {
      String name = schedule.getMetadata().getName();
      try {
        Calendar calendar = Calendar.of(schedule.getSpec());
        String namespace = namespace(schedule.getMetadata().getNamespace());
        var planned =
            new Planned(
                namespace,
                schedule,
                calendar,
                Conflicts.works(
                    name, schedule.getSpec(), calendar, selection -> names(selection, namespace)));
        all.add(planned);
        for (Slot slot : calendar.next(now, runs)) {
          MaintenanceTask task =
              schedule.getSpec().tasks().stream()
                  .filter(one -> one.name().equals(slot.task()))
                  .findFirst()
                  .orElseThrow();
          next.add(new Run(planned, task, slot.due()));
        }
      } catch (IllegalArgumentException | DateTimeException e) {
        throw new IllegalArgumentException("schedule " + name + ": " + e.getMessage(), e);
      }
    }
    next.sort(Comparator.comparing(Run::due));
    return next.subList(0, Math.min(runs, next.size()));
  }

  private static String namespace(@Nullable String namespace) {
    return namespace == null ? "" : namespace;
  }

  private Set<String> names(HostSelection selection, String namespace) {
    var names = new TreeSet<>(selection.names());
    for (Host host : hosts) {
      Map<String, String> labels = host.getMetadata().getLabels();
      if (namespace(host.getMetadata().getNamespace()).equals(namespace)
          && HostSelector.selects(
              selection, host.getMetadata().getName(), labels == null ? Map.of() : labels)) {
        names.add(host.getMetadata().getName());
      }
    }
    return names;
  }

  private String table(List<Run> next) {
    boolean severalNamespaces =
        schedules.stream().map(s -> namespace(s.getMetadata().getNamespace())).distinct().count()
            > 1;
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("DATE", "TIME", "ZONE", "TASK", "WORK", "HOSTS", "WINDOW", "NOTE"));
    String date = "";
    for (Run run : next) {
      ZoneId zone = run.planned().calendar().zone();
      String today = DATE.format(run.due().atZone(zone));
      String name = run.planned().schedule().getMetadata().getName() + "/" + run.task().name();
      rows.add(
          List.of(
              today.equals(date) ? "" : today,
              TIME.format(run.due().atZone(zone)),
              zone.getId(),
              severalNamespaces ? run.planned().namespace() + "/" + name : name,
              work(run.task()),
              hosts(run),
              window(run, zone),
              notes(run)));
      date = today;
    }
    return aligned(rows);
  }

  private static String work(MaintenanceTask task) {
    if (task.healthReport() != null) {
      return "health report";
    }
    if (task.systemUpdate() != null) {
      return Boolean.TRUE.equals(task.systemUpdate().securityOnly())
          ? "security update"
          : "system update";
    }
    if (task.vacuum() != null) {
      return "vacuum";
    }
    if (task.serviceRestart() != null) {
      return "service restart";
    }
    if (task.audit() != null) {
      return "audit";
    }
    if (task.checklist() != null) {
      return "checklist";
    }
    return task.command() != null ? "command" : "container";
  }

  private String hosts(Run run) {
    Optional<HostSelection> selection =
        Conflicts.workedOn(run.planned().schedule().getSpec(), run.task());
    if (selection.isEmpty()) {
      return "-";
    }
    Set<String> names = names(selection.get(), run.planned().namespace());
    return names.isEmpty() ? labels(selection.get().selector()) : String.join(",", names);
  }

  /** For a selector whose hosts were not given. */
  private static String labels(@Nullable LabelSelector selector) {
    Map<String, String> labels = selector == null ? null : selector.getMatchLabels();
    return labels == null || labels.isEmpty()
        ? "(by label)"
        : labels.entrySet().stream()
            .map(label -> label.getKey() + "=" + label.getValue())
            .sorted()
            .collect(Collectors.joining(","));
  }

  private static String window(Run run, ZoneId zone) {
    Window window = Window.of(run.task(), run.due());
    Instant closes = window.closes();
    if (closes == null) {
      return "-";
    }
    String until = "to " + time(closes, run.due(), zone);
    return closes.equals(window.lastStart())
        ? until
        : until + ", last start " + time(window.lastStart(), run.due(), zone);
  }

  private static String time(Instant time, Instant due, ZoneId zone) {
    boolean sameDay = time.atZone(zone).toLocalDate().equals(due.atZone(zone).toLocalDate());
    return (sameDay ? TIME : DateTimeFormatter.ofPattern("EEE HH:mm", Locale.ENGLISH))
        .format(time.atZone(zone));
  }

  private String notes(Run run) {
    var notes = new ArrayList<String>();
    var spec = run.planned().schedule().getSpec();
    if (Boolean.TRUE.equals(spec.suspend())) {
      notes.add("SUSPENDED");
    }
    Freezes.at(spec.freezes(), run.due())
        .ifPresent(
            frozen ->
                notes.add(
                    "FROZEN" + (frozen.reason() == null ? "" : " (" + frozen.reason() + ")")));
    run.planned().works().stream()
        .filter(work -> work.task().equals(run.task().name()))
        .map(work -> Conflicts.of(work, run.due(), neighbors(run)))
        .filter(meets -> !meets.isEmpty())
        .forEach(meets -> notes.add("CONFLICT with " + String.join(", ", meets)));
    if (run.task().approval() == MaintenanceTask.Approval.Required) {
      notes.add("needs approval");
    }
    if (!run.task().after().isEmpty()) {
      notes.add("after " + String.join(", ", run.task().after()));
    }
    return String.join("; ", notes);
  }

  private List<Work> neighbors(Run run) {
    return all.stream()
        .filter(planned -> planned.namespace().equals(run.planned().namespace()))
        .flatMap(planned -> planned.works().stream())
        .toList();
  }

  private static String aligned(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    var table = new StringBuilder();
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).repeat(" ", widths[i] - row.get(i).length() + 2);
      }
      table.append(line.toString().stripTrailing()).append('\n');
    }
    return table.toString();
  }
}
