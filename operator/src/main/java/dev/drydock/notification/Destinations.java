package dev.drydock.notification;

import dev.drydock.api.v1alpha1.common.SecretKeyReference;
import dev.drydock.api.v1alpha1.common.SecretReference;
import dev.drydock.api.v1alpha1.notification.NotificationChannelSpec;
import dev.drydock.api.v1alpha1.notification.NotificationChannelSpec.Email;
import dev.drydock.kube.Secrets;
import dev.drydock.port.Notifier.Destination;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes of a channel's spec and its Secrets where messages go. */
final class Destinations {
  private static final String PAGERDUTY = "https://events.pagerduty.com/v2/enqueue";

  private final Secrets secrets;
  private final String namespace;
  private final List<String> versions = new ArrayList<>();

  private Destinations(Secrets secrets, String namespace) {
    this.secrets = secrets;
    this.namespace = namespace;
  }

  /** Whether everything is there. */
  sealed interface Result {}

  /**
   * It is.
   *
   * @param secretVersions changes whenever one of the Secrets does; empty where there are none
   */
  record Complete(Destination destination, String secretVersions) implements Result {}

  /** Something is missing that a person must add. */
  record Incomplete(ChannelReason reason, String message) implements Result {}

  static String type(NotificationChannelSpec spec) {
    if (spec.slack() != null) {
      return "Slack";
    }
    if (spec.email() != null) {
      return "Email";
    }
    if (spec.pagerDuty() != null) {
      return "PagerDuty";
    }
    return spec.alertmanager() != null ? "Alertmanager" : "Webhook";
  }

  /** What of a spec says where messages go; how they are delivered is left out. */
  static String text(NotificationChannelSpec spec) {
    return Stream.of(
            spec.slack(), spec.email(), spec.pagerDuty(), spec.alertmanager(), spec.webhook())
        .filter(Objects::nonNull)
        .map(String::valueOf)
        .collect(Collectors.joining());
  }

  static Result of(NotificationChannelSpec spec, Secrets secrets, String namespace) {
    var destinations = new Destinations(secrets, namespace);
    try {
      Destination destination = destinations.destination(spec);
      return new Complete(destination, String.join(",", destinations.versions));
    } catch (Missing e) {
      return new Incomplete(e.reason, String.valueOf(e.getMessage()));
    }
  }

  private Destination destination(NotificationChannelSpec spec) throws Missing {
    if (spec.slack() != null) {
      String url = value(spec.slack().webhookSecret());
      requireHttp(url, spec.slack().webhookSecret());
      return new Destination.Slack(url);
    }
    if (spec.email() != null) {
      return email(spec.email());
    }
    if (spec.pagerDuty() != null) {
      String url = spec.pagerDuty().url();
      return new Destination.PagerDuty(
          url == null ? PAGERDUTY : url, value(spec.pagerDuty().routingKeySecret()));
    }
    if (spec.alertmanager() != null) {
      return new Destination.Alertmanager(
          spec.alertmanager().url(),
          headers(spec.alertmanager().headersSecret()),
          spec.alertmanager().labels());
    }
    if (spec.webhook() != null) {
      SecretKeyReference hmac = spec.webhook().hmacSecret();
      return new Destination.Webhook(
          spec.webhook().url(),
          headersWithout(spec.webhook().headersSecret(), hmac),
          hmac == null ? null : value(hmac));
    }
    throw new Missing(ChannelReason.InvalidSpec, "the channel has no destination");
  }

  private static void requireHttp(String url, SecretKeyReference reference) throws Missing {
    try {
      String scheme = URI.create(url).getScheme();
      if ("https".equals(scheme) || "http".equals(scheme)) {
        return;
      }
    } catch (IllegalArgumentException e) {
      // Said below, without the value.
    }
    throw new Missing(
        ChannelReason.InvalidSecret,
        "the key " + reference.key() + " of Secret " + reference.name() + " is not an http(s) URL");
  }

  private Destination email(Email email) throws Missing {
    Secrets.Found secret = secret(email.smtpSecret().name());
    String host = required(secret, "host");
    String port = secret.value("port").orElse("587");
    if (!port.matches("[1-9][0-9]{0,4}") || Integer.parseInt(port) > 65535) {
      throw new Missing(
          ChannelReason.InvalidSecret,
          "the key port of Secret " + secret.name() + " is not a port number");
    }
    return new Destination.Email(
        email.to(),
        email.from(),
        host,
        Integer.parseInt(port),
        secret.value("username").orElse(null),
        secret.value("password").orElse(null),
        switch (email.security()) {
          case Tls -> Destination.Security.TLS;
          case None -> Destination.Security.NONE;
          case StartTls -> Destination.Security.START_TLS;
          case null -> Destination.Security.START_TLS;
        });
  }

  private Map<String, String> headers(@Nullable SecretReference reference) throws Missing {
    return headersWithout(reference, null);
  }

  /** Every key of the Secret, but for the one that signs: that is never sent. */
  private Map<String, String> headersWithout(
      @Nullable SecretReference reference, @Nullable SecretKeyReference signing) throws Missing {
    var headers = new HashMap<String, String>();
    if (reference != null) {
      secret(reference.name()).data().forEach((name, value) -> headers.put(name, value.strip()));
      if (signing != null && signing.name().equals(reference.name())) {
        headers.remove(signing.key());
      }
    }
    return headers;
  }

  private String value(SecretKeyReference reference) throws Missing {
    return required(secret(reference.name()), reference.key());
  }

  private static String required(Secrets.Found secret, String key) throws Missing {
    return secret
        .value(key)
        .orElseThrow(
            () ->
                new Missing(
                    ChannelReason.InvalidSecret,
                    "the Secret "
                        + secret.name()
                        + " needs a key "
                        + key
                        + "; "
                        + Secrets.keys(secret)));
  }

  private Secrets.Found secret(String name) throws Missing {
    return switch (secrets.read(namespace, name)) {
      case Secrets.Found found -> {
        versions.add(found.version());
        yield found;
      }
      case Secrets.Missing missing ->
          throw new Missing(ChannelReason.SecretNotFound, missing.message());
    };
  }

  private static final class Missing extends Exception {
    private static final long serialVersionUID = 1L;
    private final ChannelReason reason;

    Missing(ChannelReason reason, String message) {
      super(message, null, false, false);
      this.reason = reason;
    }
  }
}
