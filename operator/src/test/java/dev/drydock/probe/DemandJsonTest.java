package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.probe.LookAssignment.Target;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DemandJsonTest {
  static final List<Demand> ALL =
      List.of(
          new Demand.Units(List.of("a"), 1),
          new Demand.Memory(1L, null),
          new Demand.Disk("/", null, 2L, 3),
          new Demand.Load(5, 1.5, null),
          new Demand.Swap(20),
          new Demand.Pm2(true, 5, 300L, List.of("milo-worker")),
          new Demand.Http("http://a/b", true, 200, "$.ok", "true", 5000, true),
          new Demand.Urls(List.of("http://a", "http://b"), false, 5000),
          new Demand.Prometheus("http://a", true, "up{a=\"b\"}", null, 1.0),
          new Demand.BeaconNode("http://a", false, 2, List.of(1L, 2L), 1),
          new Demand.Logs("all", null, null, "ERROR|\"", 60, 0, Demand.Logs.Extent.LAST_LOOK),
          new Demand.Redis("localhost", 6379, true, true, 80, "s"),
          new Demand.Postgresql("db", true, 80, 0, null, 50, 60_000L),
          new Demand.Command(List.of("true", "a b"), 1, "x", 1000),
          new Demand.Sysctl("vm.swappiness", "10"),
          new Demand.FileState("/a", 1L, null, 3L),
          new Demand.Certificate("a:443", null, 60),
          new Demand.TimeOffset(500),
          new Demand.Refused("no"));

  @Test
  void everyKindReachesAPodAsItIs() throws Exception {
    assertThat(ALL.stream().map(Object::getClass))
        .containsExactlyInAnyOrder(Demand.class.getPermittedSubclasses());
    var demands = new TreeMap<String, Demand>();
    ALL.forEach(demand -> demands.put(demand.getClass().getSimpleName(), demand));
    var reach = new Reach("n/a", "a", 22, "u", "s", List.of(), null);
    var assignment =
        new LookAssignment(
            "0 * * * *", "UTC", List.of(new Target("a", reach, 1000, Map.copyOf(demands))));
    assertThat(LookAssignment.fromJson(assignment.toJson())).isEqualTo(assignment);
    assertThat(LookAssignment.fromJson(assignment.toJson()).toJson())
        .isEqualTo(assignment.toJson());
  }
}
