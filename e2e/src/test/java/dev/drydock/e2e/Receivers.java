package dev.drydock.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** What the lab's receivers were sent. */
final class Receivers {
  static final String URL = "http://10.244.0.1:8099";

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  private Receivers() {}

  /** One request that was kept. */
  record Received(String path, int status, String body, JsonNode headers) {
    JsonNode json() {
      return read(body);
    }
  }

  /** What came to {@code path}, oldest first. */
  static List<Received> at(String path) {
    var all = new ArrayList<Received>();
    for (JsonNode one :
        read(get("/_received?path=" + URLEncoder.encode(path, StandardCharsets.UTF_8)))) {
      all.add(
          new Received(
              one.path("path").asText(),
              one.path("status").asInt(),
              one.path("body").asText(),
              one.path("headers")));
    }
    return all;
  }

  /** What came to {@code path} and was accepted. */
  static List<Received> acceptedAt(String path) {
    return at(path).stream().filter(one -> one.status() < 300).toList();
  }

  /** The alerts that a webhook channel told to {@code path}, in that status. */
  static List<JsonNode> alertsAt(String path, String status) {
    return acceptedAt(path).stream()
        .flatMap(one -> StreamSupport.stream(one.json().path("alerts").spliterator(), false))
        .filter(alert -> alert.path("status").asText().equals(status))
        .toList();
  }

  /** The mails that hold {@code text}, as they came. */
  static List<String> mailsWith(String text) {
    var all = new ArrayList<String>();
    for (JsonNode mail : read(get("/_mail"))) {
      if (mail.toString().contains(text)) {
        all.add(mail.toString());
      }
    }
    return all;
  }

  /** Has the next {@code times} requests to {@code path} answered by {@code status}. */
  static void behave(String path, int status, int times) {
    send(
        HttpRequest.newBuilder(URI.create(URL + "/_behavior"))
            .PUT(
                HttpRequest.BodyPublishers.ofString(
                    "{\"path\":\"%s\",\"status\":%d,\"times\":%d}"
                        .formatted(path, status, times))));
  }

  private static String get(String path) {
    return send(HttpRequest.newBuilder(URI.create(URL + path)).GET());
  }

  private static String send(HttpRequest.Builder request) {
    try {
      var answer =
          HTTP.send(request.timeout(Duration.ofSeconds(10)).build(), BodyHandlers.ofString());
      if (answer.statusCode() >= 300) {
        throw new IllegalStateException("the receivers answered " + answer.statusCode());
      }
      return answer.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
