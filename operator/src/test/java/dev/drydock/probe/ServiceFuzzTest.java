package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.port.Network.Answered;
import dev.drydock.port.Network.Page;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever a host prints is a reading or unreadable, and never an exception. */
class ServiceFuzzTest {
  private static final List<String> PIECES =
      List.of(
          "[{\"name\":\"a\",\"pm_id\":0,\"pm2_env\":{\"status\":\"online\",\"restart_time\":99999999999,\"pm_uptime\":1e300}}]",
          "[{\"name\":[],\"pm2_env\":7}]",
          "[]",
          "[[[[[[[[[[[[",
          "covered 1\n",
          "0 999999999\n",
          "HTTP/1.1 200 OK\r\n\r\n",
          "HTTP/1.1 100 \n\n",
          "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"value\":[0,\"1e9999\"]}]}}",
          "{\"data\":{\"head_slot\":\"999999999999999999\",\"sync_distance\":\"999999999999999999\"}}",
          "{\"data\":[{\"index\":1,\"is_live\":1}]}",
          "\nexit 0\n",
          "\nexit 7\n",
          "\nexit 999\n",
          "count 999999999\ncut 1\nundated 1\n",
          "connected_clients:999999999\nmaxclients:0\n",
          "NOAUTH x",
          "0 0 5\n",
          "255 1\n",
          "999999999999999999 -999999999999 regular file",
          "99999999999.999999999",
          "-1",
          "A,,,,-0.1,0,0,0,0,0,0,0,0,Normal",
          "Offset: +9999999999h",
          "Offset: 1.2.3s",
          "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
          "\u0000",
          "\n",
          "\r\n\r\n",
          "\ud83d\ude00",
          "\ud83d",
          "٣",
          "{\"a\":",
          "\"");

  private static final List<String> NAMES = names();

  private static List<Demand> demands() {
    var demands = new ArrayList<>(DemandJsonTest.ALL);
    demands.add(new Demand.Http("http://a", false, 200, "$.data[0].index", "1", 5000, false));
    demands.add(new Demand.Urls(List.of("http://a"), true, 5000));
    demands.add(new Demand.Prometheus("http://a", true, "x", 1.0, null));
    demands.add(new Demand.BeaconNode("http://a", true, 2, List.of(1L), 1));
    demands.add(new Demand.Logs(null, "a", null, "x", 60, 0));
    demands.add(new Demand.Logs(null, null, "/a", "x", 60, 0));
    demands.add(new Demand.Certificate(null, "/a", 60));
    return demands;
  }

  /** Of every section that the script has for these demands. */
  private static List<String> names() {
    var names = new ArrayList<>(List.of("clock", "clock.end", "chrony", "timesync"));
    String script = HostLook.script(demands()).render();
    for (String word : script.substring(0, script.indexOf("\nset -f")).split("'", -1)) {
      if (word.matches("[a-z0-9]+(:[0-9a-f]+)?")) {
        names.add(word);
        names.add(word + ".previous");
        names.add(word + ".current");
      }
    }
    assertThat(names).anyMatch(name -> name.startsWith("beacon:")).contains("pm2", "starts:300");
    return names;
  }

  @Test
  void nothingThrows() {
    var random = new Random(20260102);
    List<Demand> demands = demands();
    int known = 0;
    for (int i = 0; i < 5_000; i++) {
      var sections = new ArrayList<Look.Section>();
      for (String name : NAMES) {
        int status = random.nextInt(4) > 0 ? 0 : random.nextInt(256);
        sections.add(new Look.Section(name, status, text(random)));
      }
      var pages = new HashMap<String, dev.drydock.port.Network.Answer<Page>>();
      var talks = new HashMap<String, dev.drydock.port.Network.Answer<String>>();
      for (Demand demand : demands) {
        switch (demand) {
          case Demand.Http http when !http.viaHost() ->
              pages.put(
                  HostLook.page(http.url(), false, http.timeoutMillis(), HostLook.PAGE),
                  new Answered<>(new Page(200, text(random), random.nextBoolean())));
          case Demand.Redis redis when !redis.viaHost() ->
              talks.put(HostLook.redis(redis), new Answered<>(text(random)));
          default -> {
            // By way of the host.
          }
        }
      }
      var look =
          new Look(
              sections,
              List.of("a.service"),
              new Look.Outside(pages, Map.of("a:443", new Answered<>(Instant.MIN)), talks),
              Optional.of(new Look.Timing(Instant.EPOCH, Instant.EPOCH.plusMillis(1))));
      for (Demand demand : demands) {
        Finding finding = Evaluation.of(demand, look);
        assertThat(finding.message()).isNotNull();
        assertThat(Figures.of(Map.of("check", demand), Map.of("check", finding), look)).isNotNull();
        known += finding instanceof Finding.Unknown ? 0 : 1;
      }
    }
    assertThat(known).isGreaterThan(5_000);
  }

  /** A pattern that recurs into itself for each repetition ends with the stack. */
  @Test
  void nothingIsTooLong() {
    for (String piece : PIECES) {
      String text = piece + piece.replaceAll("^[A-Za-z]+: \\+?", "").repeat(20_000);
      var sections = NAMES.stream().map(name -> new Look.Section(name, 0, text)).toList();
      var look =
          new Look(
              sections,
              List.of("a.service"),
              Look.Outside.NOTHING,
              Optional.of(new Look.Timing(Instant.EPOCH, Instant.EPOCH.plusMillis(1))));
      for (Demand demand : demands()) {
        assertThat(Evaluation.of(demand, look).message()).isNotNull();
      }
    }
  }

  private static String text(Random random) {
    if (random.nextInt(10) == 0) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
    var text = new StringBuilder();
    int pieces = 1 + random.nextInt(4);
    for (int i = 0; i < pieces; i++) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    if (random.nextInt(50) == 0) {
      text.append(PIECES.get(random.nextInt(PIECES.size())).repeat(3_000));
    }
    if (random.nextBoolean()) {
      text.append("\nexit 0\n");
    }
    return text.toString();
  }
}
