package dev.drydock.adapter.notify;

import dev.drydock.kernel.Fingerprint;
import dev.drydock.kernel.Severity;
import dev.drydock.kernel.Text;
import dev.drydock.port.Alert;
import dev.drydock.port.Notifier.Destination.Email;
import dev.drydock.port.Notifier.Problem;
import dev.drydock.port.Notifier.Sent;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.util.MailConnectException;
import org.jspecify.annotations.Nullable;

/** Sends one mail for a group of alerts, to each recipient by itself. */
final class Mailer {
  private static final int SUBJECT = 150;
  private static final int QUOTED = 160;

  /** Exceeded storage: RFC 5321, 4.5.3.1.10, has it taken for one that may pass. */
  private static final int FULL = 552;

  private final Copies copies = new Copies();
  private final Clock clock;

  Mailer(Clock clock) {
    this.clock = clock;
  }

  /**
   * Sends to whom {@code alerts} are still to be sent. An alert is accepted once every recipient
   * has it, but for those that the server refuses for good while others have it: the problem tells
   * of these.
   */
  Sent send(Email email, List<Alert> alerts, Duration deadline) {
    Optional<Problem> problem = within(email, alerts, deadline);
    Set<String> settled = copies.settle(email, alerts, clock.instant());
    return new Sent(settled, copies.partly(email, alerts), 0, problem);
  }

  private Optional<Problem> within(Email email, List<Alert> alerts, Duration deadline) {
    var sending = new CompletableFuture<Optional<Problem>>();
    // The library's time limits are a read's each; the whole of it gets one here.
    Thread thread =
        Thread.ofVirtual()
            .name("smtp")
            .start(() -> sending.complete(attempt(email, alerts, deadline)));
    try {
      return sending.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      thread.interrupt();
      return Optional.of(late(email));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(new Problem(false, "the operator is stopping", null));
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private Optional<Problem> attempt(Email email, List<Alert> alerts, Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    try {
      Session session = Session.getInstance(properties(email, deadline));
      Optional<Problem> worst = Optional.empty();
      try (Transport transport =
          session.getTransport(email.security() == Email.Security.TLS ? "smtps" : "smtp")) {
        for (String to : email.to()) {
          List<Alert> missing = copies.missing(email, to, alerts);
          if (missing.isEmpty()) {
            continue;
          }
          if (!transport.isConnected()) {
            // Not yet, or the server hung up on the one before, of which nobody else is to suffer.
            if (System.nanoTime() - end >= 0) {
              return Optional.of(late(email));
            }
            transport.connect(email.host(), email.port(), email.username(), email.password());
          }
          Optional<Problem> problem = mail(session, transport, email, to, missing);
          // One that may pass is tried again, whatever others are refused for good.
          if (worst.isEmpty() || (problem.isPresent() && !problem.get().refused())) {
            worst = problem.isPresent() ? problem : worst;
          }
        }
      }
      return worst;
    } catch (MessagingException e) {
      return Optional.of(problem(email, e));
    } catch (RuntimeException e) {
      return Optional.of(
          new Problem(true, "the mail could not be made: " + quoted(e.getMessage()), null));
    }
  }

  private Optional<Problem> mail(
      Session session, Transport transport, Email email, String to, List<Alert> missing) {
    try {
      transport.sendMessage(
          message(session, email, missing), new Address[] {new InternetAddress(to, true)});
      copies.arrived(email, to, missing, clock.instant());
      return Optional.empty();
    } catch (MessagingException e) {
      Problem problem = problem(email, e);
      if (problem.refused() && isOfRecipient(e)) {
        copies.refused(email, to, missing, clock.instant());
      }
      return Optional.of(
          new Problem(problem.refused(), "for " + to + ": " + problem.message(), null));
    }
  }

  /** Whether it is this recipient that is refused, and not the sender or what was sent. */
  private static boolean isOfRecipient(MessagingException e) {
    for (@Nullable Exception cause = e; cause != null; cause = next(cause)) {
      if (cause instanceof SMTPAddressFailedException) {
        return true;
      }
    }
    return false;
  }

  private static Properties properties(Email email, Duration deadline) {
    var properties = new Properties();
    for (String protocol : List.of("smtp", "smtps")) {
      String prefix = "mail." + protocol + ".";
      String millis = String.valueOf(deadline.toMillis());
      properties.setProperty(prefix + "connectiontimeout", millis);
      properties.setProperty(prefix + "timeout", millis);
      properties.setProperty(prefix + "writetimeout", millis);
      properties.setProperty(prefix + "auth", String.valueOf(email.username() != null));
      properties.setProperty(prefix + "ssl.checkserveridentity", "true");
    }
    boolean startTls = email.security() == Email.Security.START_TLS;
    properties.setProperty("mail.smtp.starttls.enable", String.valueOf(startTls));
    properties.setProperty("mail.smtp.starttls.required", String.valueOf(startTls));
    return properties;
  }

  private static MimeMessage message(Session session, Email email, List<Alert> alerts)
      throws MessagingException {
    String id =
        Fingerprint.of(alerts.stream().map(Alert::key).sorted().toArray(String[]::new))
            + "@drydock.dev";
    var message =
        new MimeMessage(session) {
          @Override
          protected void updateMessageID() throws MessagingException {
            // The same for each try, so that a reader sees one mail that came twice as one.
            setHeader("Message-ID", "<" + id + ">");
          }
        };
    message.setFrom(new InternetAddress(email.from(), true));
    for (String to : email.to()) {
      message.addRecipient(Message.RecipientType.TO, new InternetAddress(to, true));
    }
    message.setSubject(
        Text.line("[drydock] " + Documents.headline(alerts), SUBJECT),
        StandardCharsets.UTF_8.name());
    message.setText(Documents.text(alerts), StandardCharsets.UTF_8.name());
    message.setSentDate(Date.from(Instant.now()));
    message.setHeader("Auto-Submitted", "auto-generated");
    if (Documents.worst(alerts) == Severity.CRITICAL) {
      message.setHeader("X-Priority", "1");
    }
    message.saveChanges();
    return message;
  }

  private static Problem problem(Email email, MessagingException e) {
    String where = where(email);
    for (@Nullable Exception cause = e; cause != null; cause = next(cause)) {
      switch (cause) {
        case AuthenticationFailedException _ -> {
          return new Problem(true, where + " refused the username or password", null);
        }
        case SMTPSendFailedException failed -> {
          return answered(where, failed.getReturnCode(), failed);
        }
        case SMTPAddressFailedException failed -> {
          return answered(where, failed.getReturnCode(), failed);
        }
        case MailConnectException _ -> {
          return new Problem(false, where + ": no connection", null);
        }
        default -> {}
      }
    }
    String text = quoted(e.getMessage());
    return new Problem(text.contains("STARTTLS"), where + ": " + text, null);
  }

  /** RFC 5321, 4.2.1: 4yz may pass, 5yz will not. */
  private static Problem answered(String where, int code, Exception e) {
    return new Problem(
        code >= 500 && code != FULL, where + " answered " + quoted(e.getMessage()), null);
  }

  private static @Nullable Exception next(Exception e) {
    return e instanceof MessagingException messaging ? messaging.getNextException() : null;
  }

  private static Problem late(Email email) {
    return new Problem(false, where(email) + " did not answer in time", null);
  }

  private static String where(Email email) {
    return email.host() + ":" + email.port();
  }

  private static String quoted(@Nullable String text) {
    return Text.line(String.valueOf(text), QUOTED);
  }
}
