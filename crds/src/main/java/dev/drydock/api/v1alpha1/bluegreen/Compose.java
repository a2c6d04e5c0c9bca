package dev.drydock.api.v1alpha1.bluegreen;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import dev.drydock.api.v1alpha1.common.HostSelection;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Two compose projects on hosts. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.colors) || !(has(self.service) || has(self.hostPort))",
    message = "service and hostPort lead to the active color's port: set colors, too")
@ValidationRule(
    value =
        "!has(self.colors) || !has(self.hostPort) || (self.hostPort != self.colors.blue.port &&"
            + " self.hostPort != self.colors.green.port)",
    message = "hostPort is a color's own port: choose one that is neither blue's nor green's")
public record Compose(
    @Required @JsonPropertyDescription("The hosts. All of them switch, or none.")
        HostSelection hosts,
    @Required @JsonPropertyDescription("Where the compose files come from.") Git git,
    @Required
        @Size(min = 1, max = 10)
        @JsonPropertyDescription("Compose files within git.directory; later ones override.")
        List<@Size(min = 1, max = 1024) @Pattern(Formats.RELATIVE_PATH) String> files,
    @JsonPropertyDescription(
            "The port of each color on the host; the compose files get it as"
                + " DRYDOCK_PORT, and the color as DRYDOCK_COLOR.")
        @Nullable Colors colors,
    @JsonPropertyDescription(
            "A Service in the cluster whose endpoints are the hosts, at the active color's port.")
        @Nullable ComposeService service,
    @Min(1)
        @Max(65535)
        @JsonPropertyDescription("A port on each host that follows the active color.")
        @Nullable Integer hostPort) {

  public Compose {
    files = files == null ? List.of() : List.copyOf(files);
  }

  /** Both colors. */
  @ValidationRule(
      value = "self.blue.port != self.green.port",
      message = "blue and green run side by side: give each a port of its own")
  public record Colors(
      @Required @JsonPropertyDescription("The color blue.") ColorPort blue,
      @Required @JsonPropertyDescription("The color green.") ColorPort green) {}

  /** One color. */
  public record ColorPort(
      @Required @Min(1) @Max(65535) @JsonPropertyDescription("Its port on the host.")
          Integer port) {}

  /** A Service of the cluster. */
  public record ComposeService(
      @Required
          @Size(min = 1, max = 63)
          @Pattern(Formats.SERVICE_NAME)
          @JsonPropertyDescription("The Service's name.")
          String name,
      @Required @Min(1) @Max(65535) @JsonPropertyDescription("The Service's port.") Integer port) {}
}
