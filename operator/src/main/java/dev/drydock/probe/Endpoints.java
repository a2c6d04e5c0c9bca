package dev.drydock.probe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.drydock.kernel.Text;
import dev.drydock.port.Network.Answer;
import dev.drydock.port.Network.Answered;
import dev.drydock.port.Network.Kind;
import dev.drydock.port.Network.Page;
import dev.drydock.port.Network.Unanswered;
import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Finding.Unknown;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What answers by HTTP: endpoints, Prometheus, beacon nodes. Pure. */
final class Endpoints {
  private static final int NAMED = 3;
  private static final int QUOTED = 80;
  private static final int SLOTS_IN_EPOCH = 32;

  private Endpoints() {}

  static Finding http(Demand.Http demand, Look look) throws Unreadable {
    String url = Urls.shown(demand.url());
    return switch (look.page(page(demand))) {
      case Unanswered<Page>(Kind kind, String message) when kind == Kind.NOT_ASKED ->
          new Unknown(url + ": " + message);
      case Unanswered<Page>(Kind kind, String message) when kind == Kind.REFUSED ->
          demand.optional()
              ? new Fine("nobody listens there, which is fine")
              : new Bad("no answer", url + " does not answer: " + message);
      case Unanswered<Page>(_, String message) ->
          new Bad("no answer", url + " does not answer: " + message);
      case Answered<Page>(Page page) when page.status() != demand.status() ->
          new Bad(
              "status " + page.status(),
              url + " answered with status " + page.status() + " instead of " + demand.status());
      case Answered<Page>(Page page) -> json(demand, url, page);
    };
  }

  private static String page(Demand.Http demand) {
    return HostLook.page(demand.url(), demand.viaHost(), demand.timeoutMillis(), HostLook.PAGE);
  }

  private static Finding json(Demand.Http demand, String url, Page page) {
    String path = demand.jsonPath();
    if (path == null) {
      return new Fine("status " + page.status());
    }
    JsonNode node;
    try {
      node = Pages.at(Pages.json(page), path);
    } catch (Unreadable e) {
      return new Bad("no JSON", url + ": " + e.why());
    }
    if (node.isMissingNode()) {
      return new Bad("no " + path, url + " answered without " + path);
    }
    String value = Text.line(node.isValueNode() ? node.asText() : node.toString(), QUOTED);
    return (node.isValueNode() ? node.asText() : node.toString()).equals(demand.jsonEquals())
        ? new Fine(path + " is " + value)
        : new Bad(
            path + " is " + value,
            url + " answered with " + path + " " + value + " instead of " + demand.jsonEquals());
  }

  static Finding urls(Demand.Urls demand, Look look) {
    var wrong = new ArrayList<String>();
    var unknown = new ArrayList<String>();
    for (String url : demand.urls()) {
      String shown = Urls.shown(url);
      try {
        switch (look.page(HostLook.glance(url, demand))) {
          case Unanswered<Page>(Kind kind, String message) when kind == Kind.NOT_ASKED ->
              unknown.add(shown + ": " + message);
          case Unanswered<Page>(_, String message) -> wrong.add(shown + ": " + message);
          case Answered<Page>(Page page) when page.status() < 200 || page.status() > 299 ->
              wrong.add(shown + ": status " + page.status());
          case Answered<Page> _ -> {
            // As it is to be.
          }
        }
      } catch (Unreadable e) {
        unknown.add(shown + ": " + e.why());
      }
    }
    int all = demand.urls().size();
    if (!wrong.isEmpty()) {
      return new Bad(
          wrong.size() + " of " + all + " wrong",
          wrong.size() + " of " + all + " URLs do not answer with 2xx: " + few(wrong));
    }
    return unknown.isEmpty() ? new Fine(all + " answer") : new Unknown(few(unknown));
  }

  private static String few(List<String> texts) {
    return texts.stream().limit(NAMED).collect(Collectors.joining("; "))
        + (texts.size() > NAMED ? "; …" : "");
  }

  static Finding prometheus(Demand.Prometheus demand, Look look) throws Unreadable {
    String url = Urls.shown(demand.url());
    String name =
        HostLook.page(
            Urls.query(demand), demand.viaHost(), HostLook.PROMETHEUS_MILLIS, HostLook.PAGE);
    return switch (look.page(name)) {
      case Unanswered<Page>(_, String message) ->
          new Unknown("Prometheus at " + url + " does not answer: " + message);
      case Answered<Page>(Page page) -> judge(demand, largest(url, page));
    };
  }

  /** The query's value. */
  static double value(Demand.Prometheus demand, Look look) throws Unreadable {
    String name =
        HostLook.page(
            Urls.query(demand), demand.viaHost(), HostLook.PROMETHEUS_MILLIS, HostLook.PAGE);
    return largest(Urls.shown(demand.url()), answer(look.page(name)));
  }

  private static Page answer(Answer<Page> answer) throws Unreadable {
    return switch (answer) {
      case Answered<Page>(Page page) -> page;
      case Unanswered<Page>(_, String message) -> throw new Unreadable(message);
    };
  }

  private static double largest(String url, Page page) throws Unreadable {
    JsonNode root;
    try {
      root = Pages.json(page);
    } catch (Unreadable e) {
      throw new Unreadable(
          url
              + " answered with status "
              + page.status()
              + ", and "
              + e.why()
              + (page.cut() ? ": let the query return less, with max() or topk()" : ""));
    }
    if (!root.path("status").asText().equals("success")) {
      throw new Unreadable(
          "Prometheus refused the query: "
              + Text.line(root.path("error").asText("status " + page.status()), 2 * QUOTED));
    }
    JsonNode data = root.path("data");
    JsonNode result = data.path("result");
    var values = new ArrayList<Double>();
    switch (data.path("resultType").asText()) {
      case "scalar" -> add(values, result.path(1));
      case "vector" -> result.forEach(series -> add(values, series.path("value").path(1)));
      default ->
          throw new Unreadable(
              "the query's result is a "
                  + Text.line(data.path("resultType").asText("thing without a type"), QUOTED)
                  + ": write one that gives a value now");
    }
    return values.stream()
        .max(Double::compare)
        .orElseThrow(
            () -> new Unreadable("the query has no result: Prometheus knows no such series"));
  }

  private static void add(List<Double> values, JsonNode text) {
    String number = text.asText();
    switch (number) {
      case "+Inf" -> values.add(Double.POSITIVE_INFINITY);
      case "-Inf" -> values.add(Double.NEGATIVE_INFINITY);
      default -> {
        if (number.matches("[+-]?[0-9]{1,30}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?")) {
          values.add(Double.valueOf(number));
        }
      }
    }
  }

  private static Finding judge(Demand.Prometheus demand, double value) {
    String shown = number(value);
    String is = "the query's value is " + shown + "; the limit is ";
    if (demand.above() != null && value > demand.above()) {
      return new Bad(shown, is + number(demand.above()));
    }
    if (demand.below() != null && value < demand.below()) {
      return new Bad(shown, is + number(demand.below()) + " at the least");
    }
    return new Fine(shown);
  }

  private static String number(double value) {
    if (!Double.isFinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    var exact = new BigDecimal(value).round(new MathContext(10)).stripTrailingZeros();
    return Math.abs(exact.scale()) > 12 ? exact.toString() : exact.toPlainString();
  }

  static Finding beacon(Demand.BeaconNode demand, Look look) throws Unreadable {
    String url = Urls.shown(demand.url());
    String name = HostLook.beacon(demand);
    return switch (look.page(name)) {
      case Unanswered<Page>(Kind kind, String message) when kind == Kind.NOT_ASKED ->
          new Unknown(url + ": " + message);
      case Unanswered<Page>(_, String message) ->
          new Bad("no answer", "the beacon node at " + url + " does not answer: " + message);
      case Answered<Page>(Page page) -> beacon(demand, syncing(page), name, look);
    };
  }

  /**
   * A beacon node's state.
   *
   * @param head the newest slot that it knows
   * @param distance how many slots it is behind
   */
  record Syncing(long head, long distance, boolean optimistic, boolean executionOffline) {}

  /** How many slots the node is behind. */
  static long distance(Demand.BeaconNode demand, Look look) throws Unreadable {
    return syncing(answer(look.page(HostLook.beacon(demand)))).distance();
  }

  private static Syncing syncing(Page page) throws Unreadable {
    JsonNode data = page.status() == 200 ? Pages.json(page).path("data") : null;
    if (data == null
        || !data.path("sync_distance").asText().matches("[0-9]{1,18}")
        || !data.path("head_slot").asText().matches("[0-9]{1,18}")) {
      throw new Unreadable(
          "the beacon node does not tell how far it is (status " + page.status() + ")");
    }
    return new Syncing(
        Long.parseLong(data.path("head_slot").asText()),
        Long.parseLong(data.path("sync_distance").asText()),
        data.path("is_optimistic").asBoolean(false),
        data.path("el_offline").asBoolean(false));
  }

  private static Finding beacon(Demand.BeaconNode demand, Syncing state, String name, Look look)
      throws Unreadable {
    String behind = state.distance() + (state.distance() == 1 ? " slot behind" : " slots behind");
    String value =
        behind
            + (state.optimistic() ? ", not verified by its execution client" : "")
            + (state.executionOffline() ? ", its execution client is offline" : "");
    if (demand.maxSyncDistance() != null && state.distance() > demand.maxSyncDistance()) {
      return new Bad(
          behind, "the beacon node is " + value + "; the limit is " + demand.maxSyncDistance());
    }
    if (demand.validators().isEmpty()) {
      return new Fine(value);
    }
    if (state.distance() > SLOTS_IN_EPOCH) {
      return new Unknown("whether the validators attest is not known: the beacon node is " + value);
    }
    long missed = SLOTS_IN_EPOCH + state.head() % SLOTS_IN_EPOCH;
    if (demand.missedSlotsAbove() >= 2 * SLOTS_IN_EPOCH - 1) {
      return new Unknown(
          "a beacon node tells of two epochs alone: set missedSlotsAbove to less than "
              + (2 * SLOTS_IN_EPOCH - 1));
    }
    List<Long> silent = silent(demand, name, look);
    if (silent.isEmpty()) {
      return new Fine(demand.validators().size() + " validators attest, " + value);
    }
    String who =
        silent.stream().limit(10).map(String::valueOf).collect(Collectors.joining(", "))
            + (silent.size() > 10 ? ", …" : "");
    if (missed <= demand.missedSlotsAbove()) {
      return new Unknown(
          silent.size()
              + " of "
              + demand.validators().size()
              + " validators have been silent for "
              + missed
              + " slots or more, and a beacon node does not tell whether for more than "
              + demand.missedSlotsAbove()
              + " at this time of an epoch: "
              + who
              + "; set missedSlotsAbove to less than "
              + SLOTS_IN_EPOCH);
    }
    return new Bad(
        silent.size() + " of " + demand.validators().size() + " silent",
        "no attestation for "
            + missed
            + " slots of "
            + silent.size()
            + " of "
            + demand.validators().size()
            + " validators: "
            + who
            + "; the limit is "
            + demand.missedSlotsAbove());
  }

  /** How many validators were seen neither in this epoch nor in the one before. */
  static int silent(Demand.BeaconNode demand, Look look) throws Unreadable {
    if (distance(demand, look) > SLOTS_IN_EPOCH) {
      throw new Unreadable("the beacon node knows too little of this epoch");
    }
    return silent(demand, HostLook.beacon(demand), look).size();
  }

  private static List<Long> silent(Demand.BeaconNode demand, String name, Look look)
      throws Unreadable {
    List<Long> before = silent(demand, look.page(name + ".previous"));
    List<Long> silent = silent(demand, look.page(name + ".current"));
    silent.retainAll(before);
    return silent;
  }

  /** The validators that were not seen in an epoch. */
  private static List<Long> silent(Demand.BeaconNode demand, Answer<Page> answer)
      throws Unreadable {
    if (!(answer instanceof Answered<Page>(Page page)) || page.status() != 200) {
      throw new Unreadable(
          "the beacon node does not tell whether validators are live"
              + (answer instanceof Answered<Page>(Page page) ? ": status " + page.status() : ""));
    }
    var live = new ArrayList<String>();
    for (JsonNode validator : Pages.json(page).path("data")) {
      if (validator.path("is_live").asBoolean(false)) {
        live.add(validator.path("index").asText());
      }
    }
    return new ArrayList<>(
        demand.validators().stream().filter(index -> !live.contains(index.toString())).toList());
  }
}
