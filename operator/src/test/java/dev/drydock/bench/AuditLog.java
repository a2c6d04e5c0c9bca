package dev.drydock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What was written, as the API server's audit log says: nobody who watches takes part in it. */
final class AuditLog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private long read;
  private byte[] rest = {};

  AuditLog(Path file) {
    this.file = file;
  }

  /**
   * One write.
   *
   * @param line verb, resource and answer: {@code update notificationchannels/status 200}
   * @param sent the object, where the audit policy keeps it
   */
  record Write(String line, String namespace, String name, Instant at, JsonNode sent) {}

  /** What the log has got since the last call. */
  List<Write> next() throws IOException {
    byte[] bytes;
    try (var channel = Files.newByteChannel(file)) {
      channel.position(read);
      var buffer = ByteBuffer.allocate((int) (channel.size() - read));
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // Until all of it is there.
      }
      read += buffer.position();
      bytes = new byte[rest.length + buffer.position()];
      System.arraycopy(rest, 0, bytes, 0, rest.length);
      System.arraycopy(buffer.array(), 0, bytes, rest.length, buffer.position());
    }
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    rest = java.util.Arrays.copyOfRange(bytes, end, bytes.length);
    var writes = new ArrayList<Write>();
    for (String line : new String(bytes, 0, end, UTF_8).lines().toList()) {
      JsonNode event = JSON.readTree(line);
      JsonNode object = event.path("objectRef");
      String part = object.path("subresource").asText();
      writes.add(
          new Write(
              event.path("verb").asText()
                  + (" " + object.path("resource").asText() + (part.isEmpty() ? "" : "/" + part))
                  + (" " + event.path("responseStatus").path("code").asText()),
              object.path("namespace").asText(),
              object.path("name").asText(),
              Instant.parse(event.path("stageTimestamp").asText()),
              event.path("requestObject")));
    }
    return writes;
  }
}
