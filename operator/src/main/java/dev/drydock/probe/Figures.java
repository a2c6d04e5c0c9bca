package dev.drydock.probe;

import dev.drydock.port.Network.Answered;
import dev.drydock.port.Network.Page;
import dev.drydock.probe.Pm2Processes.Pm2Process;
import dev.drydock.probe.Reading.FileSystem;
import dev.drydock.probe.Reading.LoadInfo;
import dev.drydock.probe.Reading.MemoryInfo;
import dev.drydock.probe.Reading.Unit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** From what a look brought home to figures for those who draw them. Pure. */
final class Figures {
  private static final int PROCESSES = 50;
  private static final int MOST = 500;

  private Figures() {}

  private interface Source {
    List<Figure> read() throws Unreadable;
  }

  /**
   * Every figure that can be read; what can't be is left out. Each is there once.
   *
   * @param findings what the demands came to, by the same keys
   */
  static List<Figure> of(Map<String, Demand> demands, Map<String, Finding> findings, Look look) {
    var figures = new LinkedHashSet<Figure>();
    add(figures, () -> memory(Evaluation.memoryInfo(look)));
    add(figures, () -> load(Evaluation.loadInfo(look)));
    demands.forEach(
        (check, demand) -> {
          add(figures, () -> of(check, demand, look));
          if (demand instanceof Demand.BeaconNode node && !node.validators().isEmpty()) {
            add(
                figures,
                () ->
                    List.of(
                        Figure.ofCheck(
                            Metric.SILENT_VALIDATORS, check, Endpoints.silent(node, look))));
          }
          if (demand instanceof Demand.Http || demand instanceof Demand.Urls) {
            switch (findings.get(check)) {
              case Finding.Fine _ -> figures.add(Figure.ofCheck(Metric.PROBE_SUCCESS, check, 1));
              case Finding.Bad _, Finding.Planned _ ->
                  figures.add(Figure.ofCheck(Metric.PROBE_SUCCESS, check, 0));
              case Finding.Unknown _, Finding.Impossible _ -> {
                // Nobody knows.
              }
              case null -> {
                // Not judged.
              }
            }
          }
        });
    return figures.stream().filter(figure -> Double.isFinite(figure.value())).limit(MOST).toList();
  }

  private static void add(Set<Figure> figures, Source source) {
    try {
      figures.addAll(source.read());
    } catch (Unreadable e) {
      // The finding says so.
    }
  }

  private static List<Figure> of(String check, Demand demand, Look look) throws Unreadable {
    return switch (demand) {
      case Demand.Units units -> units(units, look);
      case Demand.Disk disk -> disk(disk.path(), Evaluation.fileSystem(disk.path(), look));
      case Demand.Pm2 _ -> pm2(look);
      case Demand.Http http -> {
        String name =
            HostLook.page(http.url(), http.viaHost(), http.timeoutMillis(), HostLook.PAGE);
        yield look.page(name) instanceof Answered<Page>(Page page)
            ? List.of(Figure.ofCheck(Metric.PROBE_STATUS, check, page.status()))
            : List.of();
      }
      case Demand.Prometheus query ->
          List.of(Figure.ofCheck(Metric.QUERY_VALUE, check, Endpoints.value(query, look)));
      case Demand.BeaconNode node ->
          List.of(Figure.ofCheck(Metric.BEACON_DISTANCE, check, Endpoints.distance(node, look)));
      case Demand.Logs logs ->
          List.of(Figure.ofCheck(Metric.LOG_LINES, check, HostChecks.lines(logs, look)));
      case Demand.Redis redis -> HostChecks.clients(check, redis, look);
      case Demand.Postgresql database -> DatabaseChecks.figures(check, database, look);
      case Demand.Command command ->
          List.of(Figure.ofCheck(Metric.COMMAND_STATUS, check, HostChecks.status(command, look)));
      case Demand.FileState file -> HostChecks.state(check, file, look);
      case Demand.Certificate certificate ->
          List.of(
              Figure.ofCheck(
                  Metric.CERTIFICATE_EXPIRY,
                  check,
                  HostChecks.expiry(certificate, look).getEpochSecond()));
      case Demand.Sysctl sysctl -> HostChecks.values(sysctl, look);
      case Demand.TimeOffset _ -> List.of(Figure.ofHost(Metric.CLOCK_OFFSET, Clocks.offset(look)));
      case Demand.Memory _, Demand.Load _, Demand.Swap _, Demand.Urls _, Demand.Refused _ ->
          List.of();
    };
  }

  private static List<Figure> memory(MemoryInfo memory) {
    return List.of(
        Figure.ofHost(Metric.MEMORY_TOTAL, memory.total()),
        Figure.ofHost(Metric.MEMORY_AVAILABLE, memory.available()),
        Figure.ofHost(Metric.SWAP_TOTAL, memory.swapTotal()),
        Figure.ofHost(Metric.SWAP_FREE, memory.swapFree()));
  }

  private static List<Figure> load(LoadInfo load) {
    return List.of(
        Figure.ofHost(Metric.LOAD1, load.one()),
        Figure.ofHost(Metric.LOAD5, load.five()),
        Figure.ofHost(Metric.LOAD15, load.fifteen()),
        Figure.ofHost(Metric.CPUS, load.cpus()));
  }

  private static List<Figure> disk(String path, FileSystem disk) {
    var figures = new ArrayList<Figure>();
    figures.add(Figure.ofHost(Metric.FILESYSTEM_SIZE, "mountpoint", path, disk.size()));
    figures.add(Figure.ofHost(Metric.FILESYSTEM_AVAILABLE, "mountpoint", path, disk.available()));
    figures.add(Figure.ofHost(Metric.FILESYSTEM_USED, "mountpoint", path, disk.usedPercent()));
    if (disk.inodes() > 0) {
      figures.add(Figure.ofHost(Metric.FILESYSTEM_FILES, "mountpoint", path, disk.inodes()));
      figures.add(
          Figure.ofHost(
              Metric.FILESYSTEM_FILES_FREE, "mountpoint", path, disk.inodes() - disk.inodesUsed()));
    }
    return figures;
  }

  private static List<Figure> units(Demand.Units demand, Look look) throws Unreadable {
    var figures = new ArrayList<Figure>();
    if (!demand.active().isEmpty()) {
      List<Unit> seen = Parsers.units(look.text("units"), look.units().size()).units();
      for (String name : demand.active()) {
        String unit = HostLook.withSuffix(name);
        boolean active = seen.get(look.units().indexOf(unit)).isActive();
        figures.add(
            new Figure(
                Metric.UNIT_STATE, "", Map.of("name", unit, "state", "active"), active ? 1 : 0));
      }
    }
    if (demand.failedAbove() != null) {
      figures.add(
          Figure.ofHost(
              Metric.UNITS_FAILED, Parsers.failedUnits(look.text("failed")).names().size()));
    }
    return figures;
  }

  private static List<Figure> pm2(Look look) throws Unreadable {
    var figures = new ArrayList<Figure>();
    List<Pm2Process> processes = Pm2Processes.parse(look.text("pm2"));
    for (Pm2Process process : processes.subList(0, Math.min(PROCESSES, processes.size()))) {
      Map<String, String> labels =
          Map.of("process", process.name(), "id", Long.toString(process.id()));
      figures.add(new Figure(Metric.PM2_UP, "", labels, process.status().equals("online") ? 1 : 0));
      figures.add(new Figure(Metric.PM2_RESTARTS, "", labels, process.restarts()));
      if (process.memory() > 0) {
        figures.add(new Figure(Metric.PM2_MEMORY, "", labels, (double) process.memory()));
      }
    }
    return figures;
  }
}
