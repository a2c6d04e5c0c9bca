package dev.drydock.probe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.drydock.port.Network.Answer;
import dev.drydock.port.Network.Answered;
import dev.drydock.port.Network.Kind;
import dev.drydock.port.Network.Page;
import dev.drydock.port.Network.Unanswered;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers by HTTP that a host fetched, and the JSON in them. Pure. */
final class Pages {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern END = Pattern.compile("\nexit ([0-9]{1,3})\\s*$");
  private static final Pattern STATUS = Pattern.compile("HTTP/[0-9.]+ ([1-5][0-9][0-9])([^\n]*)\n");
  private static final Pattern STEP = Pattern.compile("\\.([A-Za-z0-9_-]+)|\\[([0-9]{1,9})\\]");

  private Pages() {}

  /** What a command of the script printed, and the status it ended with. */
  record Ended(String output, int status) {}

  /** Reads what the script's function {@code capped} printed. */
  static Ended ended(Look.Section section) throws Unreadable {
    Matcher end = END.matcher(section.text());
    if (!end.find()) {
      throw new Unreadable("the host's answer breaks off in the middle of it");
    }
    return new Ended(section.text().substring(0, end.start()), Integer.parseInt(end.group(1)));
  }

  /** Reads what the script's function {@code fetch} printed: a status of curl(1) ends it. */
  static Answer<Page> read(Look.Section section) throws Unreadable {
    Ended ended = ended(section);
    return switch (ended.status()) {
      case 0 -> page(ended.output(), false);
      // The cap was reached, and nobody reads on.
      case 3, 23, 141 -> page(ended.output(), true);
      case 127 ->
          new Unanswered<>(Kind.NOT_ASKED, "the host has neither curl nor GNU wget to ask with");
      case Look.NO_TIME -> new Unanswered<>(Kind.NOT_ASKED, Look.NO_TIME_LEFT);
      case 7 -> new Unanswered<>(Kind.REFUSED, "connection refused");
      case 6 -> new Unanswered<>(Kind.FAILED, "no such host name");
      case 28, 124, 137 -> new Unanswered<>(Kind.FAILED, "no answer in time");
      case 35, 60, 77, 83, 91 ->
          new Unanswered<>(Kind.FAILED, "TLS: the certificate or the handshake was refused");
      case 52 -> new Unanswered<>(Kind.FAILED, "an empty answer");
      case 56 -> new Unanswered<>(Kind.FAILED, "no connection, or it broke");
      default ->
          new Unanswered<>(Kind.FAILED, "the host's curl ended with status " + ended.status());
    };
  }

  private static Answer<Page> page(String text, boolean cut) {
    String rest = text;
    while (true) {
      Matcher status = STATUS.matcher(rest);
      if (!status.lookingAt()) {
        return new Unanswered<>(Kind.FAILED, "what answers there is no HTTP server");
      }
      int code = Integer.parseInt(status.group(1));
      int end = rest.indexOf("\n\r\n", status.end() - 1);
      int gap = 3;
      int bare = rest.indexOf("\n\n", status.end() - 1);
      if (end < 0 || (bare >= 0 && bare < end)) {
        end = bare;
        gap = 2;
      }
      String body = end < 0 ? "" : rest.substring(end + gap);
      // RFC 9110, 15.2: others may come before the answer itself, as may a proxy's word.
      boolean before = code < 200 || status.group(2).contains("onnection established");
      if (!before || !body.startsWith("HTTP/")) {
        return new Answered<>(new Page(code, body, cut));
      }
      rest = body;
    }
  }

  /** The JSON of a page. */
  static JsonNode json(Page page) throws Unreadable {
    try {
      JsonNode tree = JSON.readTree(page.body());
      if (tree != null && !tree.isMissingNode()) {
        return tree;
      }
    } catch (JsonProcessingException e) {
      // Said below.
    }
    throw new Unreadable(
        page.cut() ? "the answer is too long to be read as JSON" : "the answer is not JSON");
  }

  /** JSON from text that may begin with other lines. */
  static JsonNode array(String text) throws Unreadable {
    Matcher start = Pattern.compile("^\\[(\\{|\\])", Pattern.MULTILINE).matcher(text);
    if (start.find()) {
      try {
        return JSON.readTree(text.substring(start.start()));
      } catch (JsonProcessingException e) {
        // Said below.
      }
    }
    throw new Unreadable("pm2 jlist printed something else than a list");
  }

  /** What stands at a path of the form {@code $.items[0].state}. */
  static JsonNode at(JsonNode root, String path) {
    JsonNode node = root;
    Matcher step = STEP.matcher(path);
    while (step.find()) {
      String name = step.group(1);
      node = name != null ? node.path(name) : node.path(Integer.parseInt(step.group(2)));
    }
    return node == null ? MissingNode.getInstance() : node;
  }
}
