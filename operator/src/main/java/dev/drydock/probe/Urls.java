package dev.drydock.probe;

import dev.drydock.kernel.Text;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses that are put together, and shown without what may be a key. */
final class Urls {
  private static final int SHOWN = 100;

  /** Longer than words are: keys of RPC providers, tokens, hashes. */
  private static final Pattern KEY = Pattern.compile("/[^/]{20,}");

  private static final Pattern PLAIN = Pattern.compile("(https?://[^/?#]*)([^?#]*).*");

  private Urls() {}

  /** Without slashes at its end. */
  static String base(String url) {
    return url.replaceAll("/+$", "");
  }

  /** Where Prometheus answers {@code query}. */
  static String query(Demand.Prometheus demand) {
    return base(demand.url()) + "/api/v1/query?query=" + encoded(demand.query());
  }

  /** RFC 3986, 2.1: every byte that is not unreserved. */
  private static String encoded(String text) {
    var encoded = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0)) {
        encoded.append(c);
      } else {
        encoded.append('%').append(String.format("%02X", b & 0xff));
      }
    }
    return encoded.toString();
  }

  /** For people: alerts leave the cluster, and some URLs carry a key in their path or query. */
  static String shown(String url) {
    Matcher parts = PLAIN.matcher(url);
    if (!parts.matches()) {
      return Text.line(url, SHOWN);
    }
    return Text.line(parts.group(1) + KEY.matcher(parts.group(2)).replaceAll("/…"), SHOWN);
  }
}
