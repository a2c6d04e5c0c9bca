package dev.drydock.port;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a database is and who asks it, as the keys of a Secret say it. Pure. */
public final class DatabaseSecret {
  private static final int PORT = 5432;
  private static final Set<String> SSL_MODES =
      Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

  private static final Pattern SSL_MODE = Pattern.compile("(?:^|&)sslmode=([^&]*)");

  /** As libpq reads it, with one host; a password may hold any character but {@code @}. */
  private static final Pattern URI =
      Pattern.compile(
          "postgres(?:ql)?://(?:([^:@/?]*)(?::([^@]*))?@)?(\\[[^\\]]+\\]|[^:/?\\[\\]]*)"
              + "(?::([0-9]*))?(?:/([^?]*))?(?:\\?(.*))?",
          Pattern.DOTALL);

  private DatabaseSecret() {}

  /** What a Secret's keys came to. */
  public sealed interface Reading {}

  /** All that is needed is there. */
  public record Usable(DatabaseAccess access) implements Reading {}

  /**
   * A database can't be reached with them.
   *
   * @param message which key is missing or wrong; quotes no value
   */
  public record Unusable(String message) implements Reading {}

  /**
   * Reads the keys {@code host}, {@code port}, {@code dbname}, {@code username}, {@code password}
   * and {@code sslmode}, or {@code uri}, which goes before the others.
   */
  public static Reading read(String secret, Map<String, String> keys) {
    return value(keys, "uri").map(uri -> readUri(secret, uri)).orElseGet(() -> keys(secret, keys));
  }

  private static Reading keys(String secret, Map<String, String> keys) {
    var missing = new ArrayList<String>();
    for (String key : List.of("host", "dbname", "username", "password")) {
      if (value(keys, key).isEmpty()) {
        missing.add(key);
      }
    }
    if (!missing.isEmpty()) {
      return new Unusable(
          "the Secret "
              + secret
              + " has no "
              + String.join(", no ", missing)
              + ": it needs host, port, dbname, username and password, or uri");
    }
    return checked(
        secret,
        "",
        value(keys, "host").orElseThrow(),
        value(keys, "port").orElse(""),
        value(keys, "dbname").orElseThrow(),
        value(keys, "username").orElseThrow(),
        value(keys, "password").orElseThrow(),
        value(keys, "sslmode").orElse("prefer"));
  }

  private static Reading readUri(String secret, String uri) {
    Matcher parts = URI.matcher(uri);
    if (!parts.matches()) {
      return new Unusable(
          "the key uri of the Secret "
              + secret
              + " is not of the form postgresql://user:password@host:port/dbname: correct it");
    }
    var missing = new ArrayList<String>();
    String[] names = {"user", "password", "host", "", "dbname"};
    for (int group = 1; group <= 5; group++) {
      if (group != 4 && text(parts.group(group)).isEmpty()) {
        missing.add(names[group - 1]);
      }
    }
    if (!missing.isEmpty()) {
      return new Unusable(
          "the key uri of the Secret "
              + secret
              + " has no "
              + String.join(", no ", missing)
              + ": it must be postgresql://user:password@host:port/dbname");
    }
    // What follows an @ of the password passes for the host, and that stands in messages.
    if (decoded(parts.group(3)).contains("@") || text(parts.group(5)).contains("@")) {
      return new Unusable(
          "the key uri of the Secret "
              + secret
              + " has more than one @: percent-encode the password in uri (@ is %40)");
    }
    return checked(
        secret,
        " in its uri",
        decoded(parts.group(3)).replaceAll("^\\[|\\]$", ""),
        text(parts.group(4)),
        decoded(parts.group(5)),
        decoded(parts.group(1)),
        decoded(parts.group(2)),
        sslMode(text(parts.group(6))));
  }

  private static Reading checked(
      String secret,
      String where,
      String host,
      String port,
      String name,
      String user,
      String password,
      String sslMode) {
    int number = port.isEmpty() ? PORT : port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : 0;
    if (number < 1 || number > 65535) {
      return new Unusable(
          "the Secret " + secret + " has a port" + where + " that is no number from 1 to 65535");
    }
    if (host.contains(",") || host.startsWith("/") || host.matches(".*[\\s\\p{Cntrl}].*")) {
      return new Unusable(
          "the Secret "
              + secret
              + " has a host"
              + where
              + " that can't be used: name one host, reached by TCP");
    }
    if (!SSL_MODES.contains(sslMode)) {
      return new Unusable(
          "the Secret "
              + secret
              + " has an unknown sslmode"
              + where
              + ": use disable, prefer, require, verify-ca or verify-full");
    }
    return new Usable(new DatabaseAccess(host, number, name, user, password, sslMode));
  }

  private static String sslMode(String parameters) {
    Matcher mode = SSL_MODE.matcher(parameters);
    return mode.find() ? decoded(mode.group(1)) : "prefer";
  }

  private static Optional<String> value(Map<String, String> keys, String key) {
    return Optional.ofNullable(keys.get(key)).map(String::strip).filter(v -> !v.isEmpty());
  }

  private static String text(@Nullable String group) {
    return group == null ? "" : group;
  }

  /** RFC 3986, 2.1; what is no escape stands for itself. */
  private static String decoded(@Nullable String text) {
    byte[] bytes = text(text).getBytes(StandardCharsets.UTF_8);
    var decoded = new ByteArrayOutputStream();
    for (int i = 0; i < bytes.length; i++) {
      int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
      if (bytes[i] == '%' && high >= 0 && low >= 0) {
        decoded.write(16 * high + low);
        i += 2;
      } else {
        decoded.write(bytes[i]);
      }
    }
    return decoded.toString(StandardCharsets.UTF_8);
  }
}
