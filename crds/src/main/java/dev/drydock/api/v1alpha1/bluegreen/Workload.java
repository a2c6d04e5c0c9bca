package dev.drydock.api.v1alpha1.bluegreen;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Two Deployments behind one Service. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Workload(
    @Default("1") @Min(1) @Max(1000) @JsonPropertyDescription("Pods of each color. Default 1.")
        @Nullable Integer replicas,
    @Required
        @JsonPropertyDescription(
            "The Service that follows the active color; <name>-preview shows the other one.")
        WorkloadService service,
    @Required @JsonPropertyDescription("The pods, as in a Deployment's spec.template.")
        PodTemplateSpec template) {

  /** A Service of the cluster. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record WorkloadService(
      @Required
          @Size(min = 1, max = 55)
          @Pattern(Formats.SERVICE_NAME)
          @JsonPropertyDescription("The Service's name.")
          String name,
      @Required
          @Size(min = 1, max = 20)
          @ValidationRule(
              value =
                  "self.all(p, self.exists_one(q, q.port == p.port && (has(q.protocol) ?"
                      + " q.protocol : 'TCP') == (has(p.protocol) ? p.protocol : 'TCP')))",
              message = "name each port once")
          @ValidationRule(
              value =
                  "self.size() == 1 || self.all(p, has(p.name) && self.exists_one(q, has(q.name)"
                      + " && q.name == p.name))",
              message = "where there are several ports, each needs a name of its own")
          @JsonPropertyDescription("The Service's ports.")
          List<ServicePort> ports) {

    public WorkloadService {
      ports = ports == null ? List.of() : List.copyOf(ports);
    }
  }

  /** One port of a Service. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record ServicePort(
      @Size(min = 1, max = 63)
          @Pattern(Formats.NAME)
          @JsonPropertyDescription("The port's name; needed where there are several.")
          @Nullable String name,
      @Required @Min(1) @Max(65535) @JsonPropertyDescription("The port of the Service.")
          Integer port,
      @JsonPropertyDescription("The containers' port, by number or name. Default: as port.")
          @Nullable IntOrString targetPort,
      @Default("TCP") @JsonPropertyDescription("TCP, UDP or SCTP. Default TCP.")
          @Nullable Protocol protocol) {}

  /** Transport of a port. */
  public enum Protocol {
    TCP,
    UDP,
    SCTP
  }
}
